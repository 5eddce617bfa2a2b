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
