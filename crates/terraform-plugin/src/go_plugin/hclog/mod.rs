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
            "log level must be TRACE, DEBUG, INFO, WARN, ERROR or OFF, got another value: using TRACE"
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
mod tests;
