//! What the story looks like on a screen: headings, commands, and the telling part of what they said.

use std::cell::Cell;
use std::io::{IsTerminal, Write, stderr, stdout};

/// Tells; in colours on a terminal that wants them.
pub(crate) struct Narrator {
    colours: bool,
    chapter: Cell<u32>,
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Narrator {
    pub(crate) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colours: wanted && stdout().is_terminal(),
            chapter: Cell::new(0),
        }
    }

    /// One line on what comes next and what it shows.
    pub(crate) fn chapter(&self, title: &str) {
        self.chapter.set(self.chapter.get() + 1);
        self.line("");
        self.line(&self.painted(Style::Bold, &format!("{}. {title}", self.chapter.get())));
    }

    /// A command, as one would type it.
    pub(crate) fn command(&self, command: &str) {
        self.line(&self.painted(Style::Dim, &format!("   $ {command}")));
    }

    /// A few lines of what a command said.
    pub(crate) fn quote<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            let told = format!("   {}", line.trim_end());
            let style = match line.trim_start_matches(['│', '╷', '╵', ' ']) {
                text if text.starts_with("Error: ") => Some(Style::Red),
                text if text.starts_with("+ ") => Some(Style::Green),
                text if text.starts_with("~ ") => Some(Style::Yellow),
                text if text.contains("complete") || text.starts_with("No changes") => Some(Style::Green),
                _ => None,
            };
            self.line(&style.map_or_else(|| told.clone(), |style| self.painted(style, &told)));
        }
    }

    /// A sentence of the narrator's own.
    pub(crate) fn remark(&self, text: &str) {
        self.line(&format!("   {text}"));
    }

    /// What is wrong, where errors belong.
    pub(crate) fn complain(&self, reason: &str) {
        let _ = writeln!(stderr(), "The demo cannot go on: {reason}");
    }

    /// A closed pipe, as with `| head`, is no reason to panic.
    fn line(&self, text: &str) {
        let _ = writeln!(stdout(), "{}", text.trim_end());
    }

    fn painted(&self, style: Style, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let code = match style {
            Style::Bold => 1,
            Style::Dim => 2,
            Style::Red => 31,
            Style::Green => 32,
            Style::Yellow => 33,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
