//! Log lines as JSON on stderr, in the format of HashiCorp's hclog.
//!
//! go-plugin reads stderr line by line. A line in this format keeps its level and fields in Terraform's log; of any other
//! line go-plugin guesses the level. Nothing is installed and nothing is written unless a variable requests a log.

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
    text::{quotable, truncate},
};

/// The first of these that is set is the level of the provider, after the variable of this one provider
/// (`TF_LOG_PROVIDER_<TYPE>`). The variables and their order are those of terraform-plugin-log:
/// <https://developer.hashicorp.com/terraform/plugin/log/managing>.
const PROVIDER: [&str; 2] = ["TF_LOG_PROVIDER", "TF_LOG"];
/// These take precedence for the events of this crate.
const PROTOCOL: [&str; 2] = ["TF_LOG_SDK_PROTO", "TF_LOG_SDK"];
/// This crate.
const PROTOCOL_TARGET: &str = "terraform_plugin";
/// The target of the span of a call. It is always enabled, since its fields belong to the provider's lines too.
pub(crate) const SPAN_TARGET: &str = "terraform_plugin::rpc";

/// The most bytes of a line. go-plugin reads 64 KiB and treats the rest as another line, which is not JSON.
const MAX_LINE_LENGTH: usize = 63 << 10;
/// The most bytes of a value: the first that keeps the line within [`MAX_LINE_LENGTH`]. Quotes and line ends take twice
/// their size in JSON.
const MAX_VALUE_LENGTHS: [usize; 3] = [16 << 10, 2 << 10, 64];

/// Starts to log, if a variable of the environment requests it.
pub fn install(info: &ProviderInfo, redactor: &Redactor) {
    let (filter, unknown) = filter(info, |name| env::var(name).ok());
    let Some(filter) = filter else { return };
    let layer = layer_to(io::stderr, *info, redactor.clone());
    let subscriber = tracing_subscriber::registry().with(filter).with(layer);
    // Fails only when another subscriber is installed, which then receives all events.
    let _ = tracing::subscriber::set_global_default(subscriber);
    for (variable, value) in unknown {
        tracing::warn!(
            variable,
            value,
            "no such log level: logging everything. Use TRACE, DEBUG, INFO, WARN, ERROR or OFF"
        );
    }
}

/// Writes a text and a line end to stderr in one call, so that lines of several threads do not mix. A closed stderr is ignored.
pub fn write_stderr(text: &str) {
    let text = with_short_lines(text);
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// `text` with each line truncated to what go-plugin reads.
fn with_short_lines(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_LINE_LENGTH {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| truncate(line, MAX_LINE_LENGTH));
    lines.collect::<Vec<_>>().join("\n").into()
}

/// Variables with an unknown level, which means TRACE as it does in Terraform, and their values.
type UnknownLevels = Vec<(String, String)>;

/// The events to log; `None` without any.
fn filter(
    info: &ProviderInfo,
    variable: impl Fn(&str) -> Option<String>,
) -> (Option<Targets>, UnknownLevels) {
    let mut unknown = UnknownLevels::new();
    let mut first = |names: &[&str]| {
        let (name, value) = names
            .iter()
            .find_map(|name| Some((*name, variable(name).filter(|value| !value.is_empty())?)))?;
        // In Terraform, JSON is TRACE as JSON.
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
    let this_provider = format!("TF_LOG_PROVIDER_{provider_type}");
    let [all_providers, everything] = PROVIDER;
    let provider = first(&[&this_provider, all_providers, everything]).unwrap_or(LevelFilter::OFF);
    let protocol = first(&PROTOCOL).unwrap_or(provider);
    if provider.max(protocol) == LevelFilter::OFF {
        return (None, unknown);
    }
    // Libraries log each frame, and at TRACE each byte: all of it would be most of the log.
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

/// Formats an event as one line of JSON, with the fields of its spans.
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
        // From the outermost span to the event: inner fields replace outer ones.
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
        // RFC 3339 with six digits of a second: go-plugin parses no other form.
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        // go-plugin asserts that the first four are strings: a number would make Terraform panic.
        let message = match fields.remove("message") {
            Some(Value::String(message)) => message,
            // The name of an event is only its position in the source.
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
        let mut lines = MAX_VALUE_LENGTHS
            .iter()
            .map(|max| with_short_values(&fields, *max));
        let fitting = lines.find(|line| line.len() <= MAX_LINE_LENGTH);
        writeln!(writer, "{}", fitting.unwrap_or_default())
    }
}

/// The fields of a formatted span or event.
fn parsed(fields: &str) -> Map<String, Value> {
    serde_json::from_str(fields).unwrap_or_default()
}

/// A line with at most `max` bytes of each value.
fn with_short_values(fields: &Map<String, Value>, max: usize) -> String {
    let fields = fields.iter().map(|(name, value)| match value {
        Value::String(text) => (name.clone(), quotable(text, max).into()),
        other => (name.clone(), other.clone()),
    });
    Value::Object(fields.collect()).to_string()
}

/// The module of an event, as hclog names it.
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
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn filter_of(variables: &[(&str, &str)]) -> (Option<Targets>, UnknownLevels) {
        filter(&INFO, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    /// The lines that `work` logs at this level.
    fn logged(level: &str, redactor: Redactor, work: impl FnOnce()) -> Vec<String> {
        let written = Buffer::default();
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
    fn line_has_required_strings_and_span_fields() {
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
    fn secrets_are_redacted_and_values_truncated() {
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
    fn lines_fit_go_plugin() {
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
            assert!(line.len() <= MAX_LINE_LENGTH, "{}", line.len());
            assert!(line.len() > 8 << 10, "most of the line is used: {}", line.len());
            assert!(!json(line)["e"].as_str().unwrap().contains(['\u{1b}', '\u{202e}']));
        }
    }

    #[test]
    fn most_specific_variable_wins() {
        let info = ("TF_LOG", "info");
        // The levels of the provider and of the protocol.
        for (variables, levels) in [
            (&[info][..], Some(("INFO", "INFO"))),
            (&[info, ("TF_LOG_PROVIDER", "DEBUG")], Some(("DEBUG", "DEBUG"))),
            (
                &[
                    info,
                    ("TF_LOG_PROVIDER", "WARN"),
                    ("TF_LOG_PROVIDER_FACETS_GPU", "debug"),
                ],
                Some(("DEBUG", "DEBUG")),
            ),
            (&[info, ("TF_LOG_SDK", "OFF")], Some(("INFO", "OFF"))),
            (
                &[("TF_LOG_SDK", "WARN"), ("TF_LOG_SDK_PROTO", "DEBUG")],
                Some(("OFF", "DEBUG")),
            ),
            (&[("TF_LOG", "JSON")], Some(("TRACE", "TRACE"))),
            (&[("TF_LOG", "yes")], Some(("TRACE", "TRACE"))),
            (&[("TF_LOG", "3")], Some(("TRACE", "TRACE"))),
            (&[info, ("TF_LOG_PROVIDER", "OFF")], None),
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
                    let max = levels
                        .into_iter()
                        .find(|level| filter.would_enable(target, level));
                    max.map_or(LevelFilter::OFF, LevelFilter::from_level)
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
    fn libraries_log_at_trace_only() {
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
    fn modules_are_named_as_in_terraform() {
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
    fn each_line_on_stderr_is_truncated() {
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
