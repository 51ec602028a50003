//! [`TraceFormat`]: the formats of traces by name.

use std::fmt;

/// A format of traces.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TraceFormat {
    /// What Python's console exporter prints.
    Console,
    /// OTLP in the JSON encoding of protobuf.
    OtlpJson,
    /// OTLP in the binary encoding of protobuf.
    OtlpProtobuf,
    /// The JSON of Jaeger's UI and API.
    Jaeger,
    /// Zipkin's JSON, version 2.
    Zipkin,
    /// What Go's `stdouttrace` prints.
    GoStdout,
    /// What serde makes of a [`Trace`](crate::trace::Trace), as [`json`](crate::json) has it.
    Skyspan,
    /// Trace events, for Perfetto and Chrome. Only written.
    Perfetto,
    /// speedscope's own JSON. Only written.
    Speedscope,
}

impl TraceFormat {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Console => "console JSON",
            Self::OtlpJson => "OTLP JSON",
            Self::OtlpProtobuf => "OTLP protobuf",
            Self::Jaeger => "Jaeger JSON",
            Self::Zipkin => "Zipkin JSON",
            Self::GoStdout => "Go's stdouttrace",
            Self::Skyspan => "skyspan JSON",
            Self::Perfetto => "trace events",
            Self::Speedscope => "speedscope JSON",
        }
    }
}

impl fmt::Display for TraceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
