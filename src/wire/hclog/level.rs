//! Which levels the environment asks for.
//!
//! Variables and their order are those of terraform-plugin-log:
//! <https://developer.hashicorp.com/terraform/plugin/log/managing>.

use std::env;

use tracing::{Metadata, level_filters::LevelFilter};

/// The first that is set decides for the provider itself.
const PROVIDER: [&str; 3] = ["TF_LOG_PROVIDER_FACETS_GPU", "TF_LOG_PROVIDER", "TF_LOG"];
/// These come before them for the protocol's own events, which are seldom what a user looks for.
const PROTOCOL: [&str; 2] = ["TF_LOG_SDK_PROTO", "TF_LOG_SDK"];

const CRATE: &str = "facets_gpu";
const WIRE: &str = "facets_gpu::wire";

/// The levels in force, for the two parts of the program that can be asked for apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    provider: LevelFilter,
    protocol: LevelFilter,
    unknown: Vec<(&'static str, String)>,
}

impl Levels {
    /// Reads the environment of this process. None when nothing is to be logged.
    pub fn from_env() -> Option<Self> {
        Self::read(|name| env::var(name).ok())
    }

    /// Reads them from anything that answers like an environment.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let mut unknown = Vec::new();
        let mut first = |names: &[&'static str]| {
            let (name, value) = names
                .iter()
                .find_map(|name| Some((*name, variable(name).filter(|value| !value.is_empty())?)))?;
            Some(parse(&value).unwrap_or_else(|| {
                unknown.push((name, value));
                LevelFilter::TRACE
            }))
        };
        let provider = first(&PROVIDER).unwrap_or(LevelFilter::OFF);
        let protocol = first(&PROTOCOL).unwrap_or(provider);
        let levels = Self {
            provider,
            protocol,
            unknown,
        };
        (levels.most_verbose() != LevelFilter::OFF).then_some(levels)
    }

    /// Whether an event or a span is to be seen.
    pub fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let filter = match Part::of(metadata.target()) {
            Part::Provider => self.provider,
            Part::Protocol => self.protocol,
            // Libraries speak of frames and pools at every level, and at their own TRACE of each byte: a log
            // with everything in it would hold little else.
            Part::Library if self.provider == LevelFilter::TRACE => LevelFilter::DEBUG,
            Part::Library => LevelFilter::OFF,
        };
        *metadata.level() <= filter
    }

    /// No event above it is ever seen.
    pub fn most_verbose(&self) -> LevelFilter {
        self.provider.max(self.protocol)
    }

    /// Variables whose value is no level, each with that value. Like Terraform, they are taken for TRACE.
    pub fn unknown(&self) -> &[(&'static str, String)] {
        &self.unknown
    }
}

/// hclog's name of the part of the program that an event comes from.
pub(super) fn module(target: &str) -> String {
    match Part::of(target) {
        Part::Protocol => "sdk.proto".to_owned(),
        Part::Provider => match target.split("::").nth(1) {
            Some(part) => format!("provider.{part}"),
            None => "provider".to_owned(),
        },
        Part::Library => format!("provider.{}", target.split("::").next().unwrap_or(target)),
    }
}

enum Part {
    Provider,
    Protocol,
    Library,
}

impl Part {
    fn of(target: &str) -> Self {
        let within = |module: &str| {
            target
                .strip_prefix(module)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        if within(WIRE) {
            Self::Protocol
        } else if within(CRATE) {
            Self::Provider
        } else {
            Self::Library
        }
    }
}

fn parse(value: &str) -> Option<LevelFilter> {
    match value.to_ascii_uppercase().as_str() {
        // JSON asks Terraform for everything, in JSON.
        "TRACE" | "JSON" => Some(LevelFilter::TRACE),
        "DEBUG" => Some(LevelFilter::DEBUG),
        "INFO" => Some(LevelFilter::INFO),
        "WARN" => Some(LevelFilter::WARN),
        "ERROR" => Some(LevelFilter::ERROR),
        "OFF" => Some(LevelFilter::OFF),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Option<(LevelFilter, LevelFilter)> {
        Levels::read(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .map(|levels| (levels.provider, levels.protocol))
    }

    #[test]
    fn silence_is_the_default() {
        for silent in [
            &[][..],
            &[("TF_LOG", "")],
            &[("TF_LOG", "off")],
            &[("TF_LOG_CORE", "TRACE")],
        ] {
            assert_eq!(read(silent), None, "{silent:?}");
        }
    }

    #[test]
    fn the_nearest_variable_decides() {
        let (info, debug, off) = (LevelFilter::INFO, LevelFilter::DEBUG, LevelFilter::OFF);
        let everything = ("TF_LOG", "info");
        assert_eq!(read(&[everything]), Some((info, info)));
        assert_eq!(
            read(&[everything, ("TF_LOG_PROVIDER", "DEBUG")]),
            Some((debug, debug))
        );
        assert_eq!(
            read(&[
                everything,
                ("TF_LOG_PROVIDER", "WARN"),
                ("TF_LOG_PROVIDER_FACETS_GPU", "debug")
            ]),
            Some((debug, debug))
        );
        assert_eq!(read(&[everything, ("TF_LOG_SDK", "OFF")]), Some((info, off)));
        assert_eq!(
            read(&[("TF_LOG_SDK", "WARN"), ("TF_LOG_SDK_PROTO", "DEBUG")]),
            Some((off, debug))
        );
        assert_eq!(read(&[everything, ("TF_LOG_PROVIDER", "OFF")]), None);
    }

    #[test]
    fn what_is_no_level_means_everything_and_is_told() {
        let levels = Levels::read(|name| (name == "TF_LOG").then(|| "yes".to_owned())).unwrap();
        assert_eq!(levels.provider, LevelFilter::TRACE);
        assert_eq!(levels.unknown(), [("TF_LOG", "yes".to_owned())]);
        assert_eq!(
            read(&[("TF_LOG", "JSON")]),
            Some((LevelFilter::TRACE, LevelFilter::TRACE))
        );
    }

    #[test]
    fn modules_have_the_names_that_terraform_uses() {
        assert_eq!(module("facets_gpu"), "provider");
        assert_eq!(module("facets_gpu::cloudrun::retry"), "provider.cloudrun");
        assert_eq!(module("facets_gpu::wire::accept"), "sdk.proto");
        assert_eq!(module("facets_gpu::wireless"), "provider.wireless");
        assert_eq!(module("h2::proto::streams"), "provider.h2");
    }
}
