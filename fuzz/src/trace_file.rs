//! Traces from files of any kind, and all that they are written as.

use skyspan::trace::{ReadOptions, Redaction, Trace, TraceFormat};
use skyspan::value::from_json;

/// So many bytes may come of what is compressed.
const SIZE_MAX: u64 = 1 << 20;
/// Of more spans not everything is tried.
const SPANS_MAX: usize = 500;

/// Bytes of any kind: texts of every format and what stands beside them, in UTF-16, compressed, protobuf. What is read strictly is what
/// is read otherwise; what is read is written in every format, and read again where that can be.
///
/// # Panics
///
/// If one of these does not hold.
pub fn trace_file(bytes: &[u8]) {
    let lenient = ReadOptions::new().up_to_cut(true).empty(true).size_max(SIZE_MAX);
    let strict = ReadOptions::new().strict(true).size_max(SIZE_MAX).read_from(bytes);
    let reading = match lenient.read_from(bytes) {
        Ok(reading) => reading,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(strict.is_err(), "strictly it can be read, otherwise not: {error}");
            return;
        }
    };
    for warning in reading.warnings() {
        assert!(!warning.is_empty() && !warning.contains('\n'), "{warning:?}");
    }
    if let Ok(strict) = strict {
        assert_eq!(format!("{:?}", strict.trace), format!("{:?}", reading.trace));
        assert!(strict.passed_over.is_empty() && strict.cut.is_none());
    }
    let trace = reading.trace;
    if trace.len() > SPANS_MAX {
        return;
    }

    let otlp = written(Trace::from_otlp_protobuf(&trace.to_otlp_protobuf()));
    assert_eq!(otlp.len(), trace.len());
    assert_eq!(written(Trace::from_otlp_protobuf(&otlp.to_otlp_protobuf())).to_otlp_json(), otlp.to_otlp_json());
    // An attribute with the key of one of the format's own tags is taken for that, so that not all comes back as it was.
    let jaeger = written(Trace::from_jaeger_json(&trace.to_jaeger_json()));
    assert_eq!(jaeger.len(), trace.len());
    let again = written(Trace::from_jaeger_json(&jaeger.to_jaeger_json()));
    assert_eq!(again.len(), trace.len());
    let zipkin = written(Trace::from_zipkin_json(&trace.to_zipkin_json()));
    assert_eq!(zipkin.len(), trace.len());
    for json in [trace.to_perfetto_json(), trace.to_speedscope_json()] {
        assert!(from_json(&json).is_ok(), "{json}");
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
    }
    for format in [TraceFormat::Console, TraceFormat::Jaeger, TraceFormat::Zipkin] {
        assert!(trace.left_out(format).iter().all(|left| !left.is_empty()));
    }
    let grouped = trace.grouped_by_run();
    assert_eq!(grouped.trace.len(), trace.len());
    assert!(grouped.trace.roots().len() <= trace.roots().len());
    assert_eq!(trace.redacted(&Redaction::new()).len(), trace.len());
}

fn written(read: Result<Trace, skyspan::trace::ReadError>) -> Trace {
    read.unwrap_or_else(|error| panic!("written, not read: {error}"))
}
