//! `skyspan convert`.

use skyspan::trace::TraceFormat;

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
}

/// Reads a trace in any format, and writes it in another; tells what that has no place for.
pub(crate) fn convert(wanted: &Convert) -> Result<Ended, CommandError> {
    let SourceTrace { trace, ended } = wanted.trace.read()?;
    let left_out = trace.left_out(wanted.to.trace_format());
    // Console JSON is what it is, as everybody knows who asks for it.
    if !left_out.is_empty() && wanted.to != Format::Console {
        tell(&format!("{} has no place for {}", wanted.to.trace_format(), left_out.join(", ")));
    }
    match wanted.to {
        Format::Console => print(|mut out| trace.write_console(&mut out)),
        Format::Otlp => print(|out| trace.write_otlp(out)),
        Format::OtlpProto => print(|out| trace.write_otlp_protobuf(out)),
        Format::Jaeger => print(|out| trace.write_jaeger(out)),
        Format::Zipkin => print(|out| trace.write_zipkin(out)),
        Format::Perfetto => print(|out| trace.write_perfetto(out)),
        Format::Speedscope => print(|out| trace.write_speedscope(out)),
    }?;
    Ok(ended)
}
