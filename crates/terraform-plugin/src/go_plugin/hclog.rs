//! Log lines as Terraform's own logger writes them: JSON on stderr, in the form of HashiCorp's hclog.
//!
//! go-plugin reads stderr line by line. A line in this form keeps its level and its fields in Terraform's log;
//! anything else is guessed at. When no variable asks for a log, nothing is installed and nothing is written.
//!
//! A span is seen only where its own level is. The span that gives every line of a call its `tf_rpc` and
//! `tf_req_id` is therefore opened with `tracing::error_span!`.

use std::{borrow::Cow, env, fmt, io, io::Write as _};

use serde_json::{Map, Value};
use tracing::{Event, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter,
        format::{JsonFields, Writer},
        layer,
        time::{FormatTime as _, SystemTime},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
};

use crate::{
    provider::ProviderInfo,
    redact::Redactor,
    text::{cut, quotable},
};

/// The first variable that is set is the level of the provider itself, after that of this one provider
/// (`TF_LOG_PROVIDER_TYPE`). The variables and their order are those of terraform-plugin-log:
/// <https://developer.hashicorp.com/terraform/plugin/log/managing>.
const PROVIDER: [&str; 2] = ["TF_LOG_PROVIDER", "TF_LOG"];
/// These precede them for the events of this crate, which are those of the protocol.
const PROTOCOL: [&str; 2] = ["TF_LOG_SDK_PROTO", "TF_LOG_SDK"];
/// This crate.
const PROTOCOL_TARGET: &str = "terraform_plugin";
/// The target of the span of every call: always on, since its fields belong to the lines of the provider too.
pub(crate) const SPAN_TARGET: &str = "terraform_plugin::rpc";

/// The most bytes of a line. go-plugin reads 64 KiB and takes what follows for another line, which is no JSON.
const LONGEST_LINE: usize = 63 << 10;
/// The most bytes of a value: the first that keeps the whole line within [`LONGEST_LINE`]. Quotes and line ends take twice
/// their size in JSON.
const LONGEST_VALUES: [usize; 3] = [16 << 10, 2 << 10, 64];

/// Begins to log, if the environment asks for it.
pub fn install(info: &ProviderInfo, redactor: &Redactor) {
    let (filter, unknown) = filter(info, |name| env::var(name).ok());
    let Some(filter) = filter else { return };
    let layer = layer_to(io::stderr, *info, redactor.clone());
    let subscriber = tracing_subscriber::registry().with(filter).with(layer);
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

/// Variables whose value is no level, each with that value. Like Terraform, they are taken for TRACE.
type Unknown = Vec<(String, String)>;

/// What is to be logged; none when nothing is.
fn filter(info: &ProviderInfo, variable: impl Fn(&str) -> Option<String>) -> (Option<Targets>, Unknown) {
    let mut unknown = Unknown::new();
    let mut first = |names: &[&str]| {
        let (name, value) = names
            .iter()
            .find_map(|name| Some((*name, variable(name).filter(|value| !value.is_empty())?)))?;
        // JSON asks Terraform for everything, in JSON.
        let level = value
            .parse()
            .ok()
            .filter(|_| !value.starts_with(|c: char| c.is_ascii_digit()));
        if level.is_none() && !value.eq_ignore_ascii_case("json") {
            unknown.push((name.to_owned(), value));
        }
        Some(level.unwrap_or(LevelFilter::TRACE))
    };
    let provider_type = info.provider_type().to_ascii_uppercase().replace('-', "_");
    let of_this_provider = format!("TF_LOG_PROVIDER_{provider_type}");
    let [of_providers, of_all] = PROVIDER;
    let provider = first(&[&of_this_provider, of_providers, of_all]).unwrap_or(LevelFilter::OFF);
    let protocol = first(&PROTOCOL).unwrap_or(provider);
    if provider.max(protocol) == LevelFilter::OFF {
        return (None, unknown);
    }
    // Libraries speak of frames and pools at every level, and at their own TRACE of each byte: a log with everything in
    // it would hold little else.
    let libraries = match provider {
        LevelFilter::TRACE => LevelFilter::DEBUG,
        _ => LevelFilter::OFF,
    };
    let own = info.log_crates.iter().map(|name| (*name, provider));
    let targets = Targets::new()
        .with_default(libraries)
        .with_targets(own)
        .with_target(PROTOCOL_TARGET, protocol)
        .with_target(SPAN_TARGET, LevelFilter::ERROR);
    (Some(targets), unknown)
}

/// A layer that writes events as lines of hclog.
fn layer_to<S, W>(writer: W, info: ProviderInfo, redactor: Redactor) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    layer()
        .fmt_fields(JsonFields::new())
        .event_format(Hclog { info, redactor })
        .with_writer(writer)
}

/// One line of JSON for each event, with the fields of the spans that it is in.
struct Hclog {
    info: ProviderInfo,
    redactor: Redactor,
}

impl<S> FormatEvent<S, JsonFields> for Hclog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut fields = Map::new();
        // From the outermost span to the event, so that what is nearer wins.
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(outer) = span.extensions().get::<FormattedFields<JsonFields>>() {
                fields.extend(parsed(&outer.fields));
            }
        }
        let mut own = String::new();
        context.format_fields(Writer::new(&mut own), event)?;
        fields.extend(parsed(&own));

        let mut timestamp = String::new();
        // RFC 3339 with exactly six digits of a second: go-plugin parses this form only.
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        // go-plugin asserts that these four are strings: a number would make Terraform itself panic.
        let message = match fields.remove("message") {
            Some(Value::String(message)) => message,
            // The name of an event is a path in the source, which says less.
            _ => metadata.target().to_owned(),
        };
        for (key, value) in [
            ("@level", metadata.level().as_str().to_ascii_lowercase()),
            ("@message", message),
            ("@module", module(&self.info, metadata.target())),
            ("@timestamp", timestamp),
            (
                "tf_provider_addr",
                format!("registry.terraform.io/{}", self.info.source),
            ),
        ] {
            fields.insert(key.to_owned(), value.into());
        }
        for value in fields.values_mut() {
            if let Value::String(text) = value {
                *text = self.redactor.redact(text).into_owned();
            }
        }
        let mut lines = LONGEST_VALUES
            .iter()
            .map(|most| with_short_values(&fields, *most));
        let fitting = lines.find(|line| line.len() <= LONGEST_LINE);
        writeln!(writer, "{}", fitting.unwrap_or_default())
    }
}

/// The fields of a span or an event as they were formatted.
fn parsed(fields: &str) -> Map<String, Value> {
    serde_json::from_str(fields).unwrap_or_default()
}

/// A line with at most so many bytes of each text.
fn with_short_values(fields: &Map<String, Value>, most: usize) -> String {
    let fields = fields.iter().map(|(name, value)| match value {
        Value::String(text) => (name.clone(), quotable(text, most).into()),
        other => (name.clone(), other.clone()),
    });
    Value::Object(fields.collect()).to_string()
}

/// hclog's name of the part of the program that an event comes from.
fn module(info: &ProviderInfo, target: &str) -> String {
    let mut parts = target.split("::");
    let (name, part) = (parts.next().unwrap_or_default(), parts.next());
    match part {
        _ if name == PROTOCOL_TARGET => "sdk.proto".to_owned(),
        part if info.log_crates.first() == Some(&name) => {
            part.map_or_else(|| "provider".to_owned(), |part| format!("provider.{part}"))
        }
        _ => format!("provider.{name}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::{Arc, Mutex};

    use tracing::Level;

    use super::*;

    const INFO: ProviderInfo = ProviderInfo {
        name: "terraform-provider-facets-gpu",
        version: "0.1.0",
        description: "",
        source: "facets-cloud/facets-gpu",
        log_crates: &["facets_gpu", "cloud_run"],
    };

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn filter_of(variables: &[(&str, &str)]) -> (Option<Targets>, Unknown) {
        filter(&INFO, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    /// The lines that `work` logs at a level.
    fn logged(level: &str, redactor: Redactor, work: impl FnOnce()) -> Vec<String> {
        let written = Written::default();
        let writer = written.clone();
        let layer = layer_to(move || writer.clone(), INFO, redactor);
        let (filter, _) = filter_of(&[("TF_LOG", level)]);
        let subscriber = tracing_subscriber::registry().with(filter).with(layer);
        tracing::subscriber::with_default(subscriber, work);
        let written = written.0.lock().unwrap();
        str::from_utf8(&written)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    fn json(line: &str) -> Value {
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_line_has_its_four_strings_and_the_fields_of_its_spans() {
        let lines = logged("DEBUG", Redactor::default(), || {
            let rpc = tracing::info_span!("rpc", tf_rpc = "Plan", tf_req_duration_ms = tracing::field::Empty);
            let _inside = rpc.enter();
            rpc.record("tf_req_duration_ms", 12_u64);
            tracing::info!(count = 3, fine = true, tf_rpc = "Nearer", "all {}", "well");
        });
        let [line] = lines.as_slice() else {
            panic!("one line expected: {lines:?}")
        };
        let line = json(line);
        assert_eq!(line["@level"], "info");
        assert_eq!(line["@message"], "all well");
        assert_eq!(line["@module"], "sdk.proto");
        assert_eq!(line["count"], 3);
        assert_eq!(line["fine"], true);
        assert_eq!(line["tf_rpc"], "Nearer");
        assert_eq!(line["tf_req_duration_ms"], 12);
        assert_eq!(
            line["tf_provider_addr"],
            "registry.terraform.io/facets-cloud/facets-gpu"
        );
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
    fn secrets_and_long_values_do_not_reach_the_line() {
        let redactor = Redactor::default();
        redactor.add("hunter2-of-the-layer");
        let lines = logged("INFO", redactor, || {
            tracing::info!(
                header = "Bearer hunter2-of-the-layer",
                long = "é".repeat(20_000),
                "token {:?}",
                "hunter2-of-the-layer"
            );
        });
        let line = json(&lines[0]);
        assert_eq!(line["header"], "Bearer ***");
        assert_eq!(line["@message"], "token \"***\"");
        let long = line["long"].as_str().unwrap();
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
            let lines = logged("INFO", Redactor::default(), || {
                let rpc = tracing::info_span!("rpc", a = long, b = long, c = long, d = long);
                let _inside = rpc.enter();
                tracing::info!(e = long, f = long, g = long, h = long, "{long}");
            });
            let [line] = lines.as_slice() else {
                panic!("one line expected: {}", lines.len())
            };
            assert!(line.len() <= LONGEST_LINE, "{}", line.len());
            assert!(line.len() > 8 << 10, "most of the line is used: {}", line.len());
            assert!(!json(line)["e"].as_str().unwrap().contains(['\u{1b}', '\u{202e}']));
        }
    }

    #[test]
    fn the_nearest_variable_decides() {
        let everything = ("TF_LOG", "info");
        // The levels of the provider and of the protocol.
        for (variables, levels) in [
            (&[everything][..], Some(("INFO", "INFO"))),
            (
                &[everything, ("TF_LOG_PROVIDER", "DEBUG")],
                Some(("DEBUG", "DEBUG")),
            ),
            (
                &[
                    everything,
                    ("TF_LOG_PROVIDER", "WARN"),
                    ("TF_LOG_PROVIDER_FACETS_GPU", "debug"),
                ],
                Some(("DEBUG", "DEBUG")),
            ),
            (&[everything, ("TF_LOG_SDK", "OFF")], Some(("INFO", "OFF"))),
            (
                &[("TF_LOG_SDK", "WARN"), ("TF_LOG_SDK_PROTO", "DEBUG")],
                Some(("OFF", "DEBUG")),
            ),
            (&[("TF_LOG", "JSON")], Some(("TRACE", "TRACE"))),
            (&[("TF_LOG", "yes")], Some(("TRACE", "TRACE"))),
            (&[("TF_LOG", "3")], Some(("TRACE", "TRACE"))),
            (&[everything, ("TF_LOG_PROVIDER", "OFF")], None),
            (&[("TF_LOG", "off")], None),
            (&[("TF_LOG", "")], None),
            (&[("TF_LOG_CORE", "TRACE")], None),
            (&[], None),
        ] {
            let expected = levels.map(|(provider, protocol)| {
                let level = |name: &str| name.parse::<LevelFilter>().unwrap();
                (level(provider), level(protocol))
            });
            let found = filter_of(variables).0.map(|filter| {
                let level = |target| {
                    let levels = [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
                    let most = levels
                        .into_iter()
                        .find(|level| filter.would_enable(target, level));
                    most.map_or(LevelFilter::OFF, LevelFilter::from_level)
                };
                (
                    level("facets_gpu::job"),
                    level("terraform_plugin::go_plugin::accept"),
                )
            });
            assert_eq!(found, expected, "{variables:?}");
        }
        assert_eq!(
            filter_of(&[("TF_LOG", "yes")]).1,
            [("TF_LOG".to_owned(), "yes".to_owned())]
        );
    }

    #[test]
    fn libraries_are_heard_at_trace_only() {
        for (level, count) in [("DEBUG", 0), ("TRACE", 1)] {
            let lines = logged(
                level,
                Redactor::default(),
                || tracing::error!(target: "h2::proto", "seen"),
            );
            assert_eq!(lines.len(), count, "{level}");
        }
    }

    #[test]
    fn modules_have_the_names_that_terraform_uses() {
        for (target, name) in [
            ("facets_gpu", "provider"),
            ("facets_gpu::job::crud", "provider.job"),
            ("cloud_run::retry", "provider.cloud_run"),
            ("terraform_plugin::go_plugin::accept", "sdk.proto"),
            ("h2::proto::streams", "provider.h2"),
        ] {
            assert_eq!(module(&INFO, target), name);
        }
    }

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
