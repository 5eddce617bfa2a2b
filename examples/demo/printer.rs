//! Prints headings, commands and parts of their output.

use std::cell::Cell;
use std::io::{IsTerminal, Write, stderr, stdout};

/// Prints to stdout, with colors on a terminal unless `NO_COLOR` is set.
pub(crate) struct Printer {
    colors: bool,
    step: Cell<u32>,
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Printer {
    pub(crate) fn new() -> Self {
        let enabled = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colors: enabled && stdout().is_terminal(),
            step: Cell::new(0),
        }
    }

    /// A numbered heading.
    pub(crate) fn step(&self, title: &str) {
        self.step.set(self.step.get() + 1);
        self.print("");
        self.print(&self.colored(Style::Bold, &format!("{}. {title}", self.step.get())));
    }

    /// A command line.
    pub(crate) fn command(&self, command: &str) {
        self.print(&self.colored(Style::Dim, &format!("   $ {command}")));
    }

    /// Lines of a command's output. Long ones, such as log addresses, are cut.
    pub(crate) fn quote<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            let line = line.trim_end();
            let text = match line.char_indices().nth(MAX_WIDTH) {
                Some((end, _)) => format!("   {}…", &line[..end]),
                None => format!("   {line}"),
            };
            let style = match line.trim_start_matches(['│', '╷', '╵', ' ']) {
                line if line.starts_with("Error: ") => Some(Style::Red),
                line if line.starts_with("+ ") => Some(Style::Green),
                line if line.starts_with("~ ") => Some(Style::Yellow),
                line if line.contains("complete") || line.starts_with("No changes") => Some(Style::Green),
                _ => None,
            };
            self.print(&style.map_or_else(|| text.clone(), |style| self.colored(style, &text)));
        }
    }

    /// A line of text.
    pub(crate) fn line(&self, text: &str) {
        self.print(&format!("   {text}"));
    }

    /// An error, to stderr.
    pub(crate) fn error(&self, reason: &str) {
        let _ = writeln!(stderr(), "The demo failed: {reason}");
    }

    /// Ignores errors such as a closed pipe.
    fn print(&self, text: &str) {
        let _ = writeln!(stdout(), "{}", text.trim_end());
    }

    fn colored(&self, style: Style, text: &str) -> String {
        if !self.colors {
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

/// The longest line that is not cut: a job's URL fits.
const MAX_WIDTH: usize = 160;
