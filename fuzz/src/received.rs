//! What a client posts to a receiver.

use skyspan::trace::{SpanId, Trace, TraceId};
use skyspan_trace::internal::{Body, read_body};

/// Of more spans not everything is tried.
const SPANS_MAX: usize = 500;

/// The body of a request: its first byte says in which form it is, and whether it is compressed. A body is refused with a reason, or its
/// spans have ids, and are taken again, all of them, when they are sent on.
///
/// # Panics
///
/// If one of these does not hold.
pub fn received(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else { return };
    let kind = [Body::Protobuf, Body::Json, Body::Grpc][usize::from(first % 3)];
    let (trace, refused) = match read_body(kind, body, first & 0x40 != 0) {
        Ok(read) => read,
        Err(why) => return assert!(!why.is_empty()),
    };
    assert!(trace.spans().all(|span| span.trace_id() != TraceId::INVALID && span.span_id() != SpanId::INVALID));
    assert!(usize::try_from(refused).is_ok_and(|refused| refused <= body.len().max(1 << 20)));
    if trace.len() > SPANS_MAX {
        return;
    }
    for (kind, body) in [
        (Body::Protobuf, trace.to_otlp_protobuf()),
        (Body::Json, trace.to_otlp_json().into_bytes()),
        (Body::Grpc, framed(&trace)),
    ] {
        let again = read_body(kind, &body, false)
            .unwrap_or_else(|error| panic!("{kind:?}: taken, and sent on refused: {error}"));
        assert_eq!((again.0.len(), again.1), (trace.len(), 0), "{kind:?}");
    }
}

fn framed(trace: &Trace) -> Vec<u8> {
    let message = trace.to_otlp_protobuf();
    let length = u32::try_from(message.len()).unwrap_or_default().to_be_bytes();
    [&[0], &length[..], &message].concat()
}
