//! `skyspan convert`.

use std::io;

use skyspan::trace::{Trace, TraceFormat};

use crate::arguments::{Convert, Format};
use crate::command::{CommandError, Ended, print};
use crate::trace_source::{SourceTrace, tell};

impl Format {
    const fn trace_format(self) -> TraceFormat {
        match self {
            Self::Console => TraceFormat::Console,
            Self::Otlp => TraceFormat::OtlpJson,
            Self::OtlpProto => TraceFormat::OtlpProtobuf,
            Self::Jaeger => TraceFormat::Jaeger,
            Self::Zipkin => TraceFormat::Zipkin,
            Self::Perfetto => TraceFormat::Perfetto,
            Self::Speedscope => TraceFormat::Speedscope,
        }
    }

    /// Writes a trace in this format.
    pub(crate) fn write(self, trace: &Trace, mut out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Console => trace.write_console(&mut out),
            Self::Otlp => trace.write_otlp(out),
            Self::OtlpProto => trace.write_otlp_protobuf(out),
            Self::Jaeger => trace.write_jaeger(out),
            Self::Zipkin => trace.write_zipkin(out),
            Self::Perfetto => trace.write_perfetto(out),
            Self::Speedscope => trace.write_speedscope(out),
        }
    }
}

/// Reads a trace in any format, and writes it in another; reports what the other has no place for.
pub(crate) fn convert(wanted: &Convert) -> Result<Ended, CommandError> {
    let SourceTrace { trace, ended } = wanted.trace.read()?;
    let left_out = trace.left_out(wanted.to.trace_format());
    // Console JSON is what it is, as everybody knows who asks for it.
    if !left_out.is_empty() && wanted.to != Format::Console {
        tell(&format!("{} has no place for {}", wanted.to.trace_format(), left_out.join(", ")));
    }
    print(|out| wanted.to.write(&trace, out))?;
    Ok(ended)
}
