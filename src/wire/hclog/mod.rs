//! Log lines as Terraform's own logger writes them: JSON on stderr, in the form of HashiCorp's hclog.
//!
//! go-plugin reads stderr line by line. A line in this form keeps its level and its fields in Terraform's log;
//! anything else is guessed at. When no variable asks for a log, nothing is installed and nothing is written.
//!
//! A span is seen only where its own level is. The span that gives every line of a call its `tf_rpc` and
//! `tf_req_id` is therefore opened with `tracing::error_span!`.

mod layer;
mod level;
mod mask;
mod unescape;

pub use layer::Layer;
pub use level::Levels;
pub use mask::{mask, masked};

use std::borrow::Cow;
use std::io::{self, Write as _};

use tracing_subscriber::layer::SubscriberExt as _;

use crate::text::cut;

/// Begins to log, if the environment asks for it.
pub fn install() {
    let Some(levels) = Levels::from_env() else {
        return;
    };
    let unknown = levels.unknown().to_vec();
    let subscriber = tracing_subscriber::registry().with(Layer::new(levels, write_stderr));
    // Fails only when something else has installed a subscriber, which then receives everything.
    let _ = tracing::subscriber::set_global_default(subscriber);
    for (variable, value) in unknown {
        tracing::warn!(
            variable,
            value,
            "no such log level: logging everything. Use TRACE, DEBUG, INFO, WARN, ERROR or OFF"
        );
    }
}

/// Writes one piece of text to stderr, with a line end.
///
/// In one call, so that lines of several threads do not mix. A stderr that is closed must not end the process.
pub fn write_stderr(text: &str) {
    let text = with_short_lines(text);
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// `text` with what go-plugin reads of each of its lines.
fn with_short_lines(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_LINE {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| cut(line, LONGEST_LINE));
    lines.collect::<Vec<_>>().join("\n").into()
}

/// The most bytes of a line. go-plugin reads 64 KiB and takes what follows for another line, which is no JSON.
const LONGEST_LINE: usize = 63 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_on_stderr_is_short_enough() {
        let long = "x".repeat(100_000);
        for (text, lines) in [
            (String::new(), 1),
            (format!("panic: {long}\n\n{long}\nat main\n"), 5),
            ("short\n".repeat(20_000), 20_001),
            ("ä".repeat(60_000), 1),
        ] {
            let shown = with_short_lines(&text);
            assert_eq!(shown.split('\n').count(), lines);
            assert!(shown.split('\n').all(|line| line.len() < 64 << 10));
            assert!(shown.contains("bytes more") || shown == text);
        }
    }
}
