//! [`Environment`]: the variables by which a program sends its spans to a receiver.

use std::process::Command;

/// The variables by which a program sends its spans to a receiver.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    set: Vec<(&'static str, String)>,
}

/// What would send the spans of a program elsewhere, or keep some of them back.
const IN_THE_WAY: [&str; 7] = [
    "OTEL_SDK_DISABLED",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    // They may have a password in them, and nobody needs one here.
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_TRACES_SAMPLER_ARG",
];

/// What is set unless somebody has: how often spans are sent, and what else is.
const UNLESS_SET: [(&str, &str); 4] = [
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ("OTEL_BSP_SCHEDULE_DELAY", "200"),
    ("OTEL_METRICS_EXPORTER", "none"),
    ("OTEL_LOGS_EXPORTER", "none"),
];

/// Who asks a proxy for this machine gets another one's answer.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

impl Environment {
    pub(super) fn of(endpoint: &str) -> Self {
        let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut set = vec![
            ("OTEL_TRACES_EXPORTER", "otlp".to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.to_owned()),
            ("OTEL_EXPORTER_OTLP_INSECURE", "true".to_owned()),
            ("OTEL_TRACES_SAMPLER", "always_on".to_owned()),
        ];
        set.extend(UNLESS_SET.map(|(name, value)| (name, given(name).unwrap_or_else(|| value.to_owned()))));
        let host = endpoint.trim_start_matches("http://").rsplit_once(':').map_or("", |(host, _)| host);
        set.extend(NO_PROXY.map(|name| {
            let others = given(name).map_or_else(String::new, |others| format!("{others},"));
            (name, format!("{others}{host}"))
        }));
        Self { set }
    }

    /// With one more attribute of the resource, beside those that are there.
    pub(super) fn with_resource(self, attribute: &str) -> Self {
        let others = std::env::var("OTEL_RESOURCE_ATTRIBUTES").ok().filter(|others| !others.is_empty());
        let all = others.map_or_else(|| attribute.to_owned(), |others| format!("{others},{attribute}"));
        self.with("OTEL_RESOURCE_ATTRIBUTES", all)
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.set.push((name, value));
        self
    }

    pub(super) fn set(self) -> Vec<(&'static str, String)> {
        self.set
    }

    /// Sets them for a program, and takes away what stands in the way.
    pub(super) fn apply(self, command: &mut Command) -> &mut Command {
        for name in IN_THE_WAY {
            command.env_remove(name);
        }
        command.envs(self.set)
    }
}
