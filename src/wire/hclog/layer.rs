//! From an event of `tracing` to one line of JSON.

use std::fmt;

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

use super::{
    super::PROVIDER_ADDRESS,
    LONGEST_LINE,
    level::{Levels, module},
    mask::masked,
};
use crate::text::quotable;

/// RFC 3339 with exactly six digits of a second: go-plugin parses this form only.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// The most bytes of a value: the first that keeps the whole line within [`LONGEST_LINE`]. Values add up, and quotes and
/// line ends take twice their size in JSON.
const LONGEST_VALUES: [usize; 6] = [16 << 10, 8 << 10, 4 << 10, 2 << 10, 512, 64];

/// Writes every enabled event as a line, with the fields of the spans that it stands in.
pub struct Layer<W> {
    levels: Levels,
    write: W,
}

impl<W: Fn(&str) + 'static> Layer<W> {
    /// A layer that hands each line to `write`.
    pub fn new(levels: Levels, write: W) -> Self {
        Self { levels, write }
    }
}

impl<S, W> tracing_subscriber::Layer<S> for Layer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.levels.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.levels.most_verbose())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        fields
            .0
            .insert("tf_provider_addr".to_owned(), PROVIDER_ADDRESS.into());
        // From the outermost span to the event, so that what is nearer wins.
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.0.clone());
            }
        }
        event.record(&mut fields);
        (self.write)(&fields.into_line(event.metadata(), OffsetDateTime::now_utc()));
    }
}

/// The fields of a span or an event, as JSON, masked.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn into_line(mut self, metadata: &Metadata<'_>, now: OffsetDateTime) -> String {
        let message = match self.0.remove("message") {
            Some(Value::String(message)) => message,
            Some(other) => other.to_string(),
            // The name of an event is a path in the source, which says less.
            None => metadata.target().to_owned(),
        };
        // go-plugin asserts that these four are strings: a number would make Terraform itself panic.
        for (key, value) in [
            ("@level", level_name(*metadata.level()).to_owned()),
            ("@message", message),
            ("@module", module(metadata.target())),
            // Cannot fail with this format; an empty time would be refused by the reader, and shown all the same.
            ("@timestamp", now.format(TIMESTAMP).unwrap_or_default()),
        ] {
            self.0.insert(key.to_owned(), value.into());
        }
        let lines = LONGEST_VALUES.iter().map(|most| self.cut(*most).to_string());
        let mut line = String::new();
        for shorter in lines {
            line = shorter;
            if line.len() <= LONGEST_LINE {
                break;
            }
        }
        line
    }

    /// With at most so many bytes of each text.
    fn cut(&self, most: usize) -> Value {
        let fields = self.0.iter().map(|(name, value)| match value {
            Value::String(text) => (name.clone(), quotable(text, most).into()),
            other => (name.clone(), other.clone()),
        });
        fields.collect::<Map<_, _>>().into()
    }

    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        // A field of ours must not pass for one of the four.
        self.0
            .insert(field.name().trim_start_matches('@').to_owned(), value.into());
    }

    fn insert_text(&mut self, field: &Field, text: &str) {
        self.insert(field, masked(text).into_owned());
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert_text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert_text(field, &format!("{value:?}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::TRACE => "trace",
        Level::DEBUG => "debug",
        Level::INFO => "info",
        Level::WARN => "warn",
        Level::ERROR => "error",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// The lines that `work` logs at `level`.
    fn logged(level: &'static str, work: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let levels = Levels::read(|name| (name == "TF_LOG").then(|| level.to_owned())).unwrap();
        let layer = Layer::new(levels, {
            let lines = lines.clone();
            move |line: &str| lines.lock().unwrap().push(serde_json::from_str(line).unwrap())
        });
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        let lines = lines.lock().unwrap();
        lines.clone()
    }

    #[test]
    fn a_line_has_its_four_strings_and_the_fields_of_its_spans() {
        let lines = logged("DEBUG", || {
            let rpc = tracing::info_span!("rpc", tf_rpc = "Plan", tf_req_duration_ms = tracing::field::Empty);
            let _inside = rpc.enter();
            rpc.record("tf_req_duration_ms", 12_u64);
            tracing::info!(count = 3, fine = true, tf_rpc = "Nearer", "all {}", "well");
        });
        let [line] = lines.as_slice() else {
            panic!("one line expected: {lines:?}")
        };
        assert_eq!(line["@level"], "info");
        assert_eq!(line["@message"], "all well");
        assert_eq!(line["@module"], "sdk.proto");
        assert_eq!(line["count"], 3);
        assert_eq!(line["fine"], true);
        assert_eq!(line["tf_rpc"], "Nearer");
        assert_eq!(line["tf_req_duration_ms"], 12);
        assert_eq!(line["tf_provider_addr"], PROVIDER_ADDRESS);
        let timestamp = line["@timestamp"].as_str().unwrap();
        assert_eq!(
            timestamp.len(),
            "2026-01-02T03:04:05.678901Z".len(),
            "{timestamp}"
        );
        assert_eq!(
            (&timestamp[10..11], &timestamp[19..20], &timestamp[26..]),
            ("T", ".", "Z")
        );
    }

    #[test]
    fn what_is_not_asked_for_is_not_written() {
        let lines = logged("WARN", || {
            tracing::info!("below");
            tracing::error!(target: "h2::proto", "a library's");
            tracing::warn!(target: "facets_gpu::job", "ours");
        });
        let messages: Vec<_> = lines.iter().map(|line| &line["@message"]).collect();
        assert_eq!(messages, ["ours"]);
        assert_eq!(
            logged("TRACE", || tracing::error!(target: "h2::proto", "seen")).len(),
            1
        );
    }

    #[test]
    fn secrets_and_long_values_do_not_reach_the_line() {
        super::super::mask("hunter2-of-the-layer");
        let lines = logged("INFO", || {
            tracing::info!(
                header = "Bearer hunter2-of-the-layer",
                long = "é".repeat(20_000),
                "token {:?}",
                "hunter2-of-the-layer"
            );
        });
        assert_eq!(lines[0]["header"], "Bearer ***");
        assert_eq!(lines[0]["@message"], "token \"***\"");
        let long = lines[0]["long"].as_str().unwrap();
        assert!(
            long.ends_with("… (23616 bytes more)"),
            "{}",
            &long[long.len() - 40..]
        );
    }

    #[test]
    fn a_line_is_never_longer_than_go_plugin_reads() {
        for part in ["x", "\"", "\n", "\u{1b}", "\u{202e}", "環"] {
            let long = part.repeat(100_000);
            let lines = logged("INFO", || {
                let rpc = tracing::info_span!("rpc", a = long, b = long, c = long, d = long);
                let _inside = rpc.enter();
                tracing::info!(e = long, f = long, g = long, h = long, "{long}");
            });
            let line = lines[0].to_string();
            assert!(
                line.len() <= LONGEST_LINE && line.len() < 64 << 10,
                "{}",
                line.len()
            );
            assert!(line.len() > 8 << 10, "most of the line is used: {}", line.len());
            for value in lines[0].as_object().unwrap().values().filter_map(Value::as_str) {
                assert!(!value.contains(['\u{1b}', '\u{202e}']), "{value:?}");
            }
        }
    }
}
