//! The body of a request: read within its limits, and made a request of.

use std::borrow::Cow;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::grpc::{self, Framed};
use super::intake::Intake;
use super::options::ReceiverOptions;
use super::refusal::{Because, Refusal};
use crate::trace::{Compression, OtlpRequest, ReadProblem, Trace};

/// Bodies take memory from what all of them have together in pieces of so many bytes.
const PIECE: usize = 1 << 20;

/// So many times the limit of a body are read and thrown away where it is refused, so that its client, which first sends all of it,
/// comes to read why.
const PATIENCE: u64 = 8;

/// A body that has come, as long as it is held.
pub(super) struct Held<'a> {
    pub(super) bytes: Vec<u8>,
    memory: Option<SemaphorePermit<'a>>,
}

/// So many pieces of memory all bodies have together that are read at a time.
pub(super) fn pieces(bytes: usize) -> usize {
    bytes.div_ceil(PIECE)
}

/// Reads all of a body, as it comes. It waits where there is no memory for it.
pub(super) async fn read<'a>(body: &mut Incoming, intake: &'a Intake) -> Result<Held<'a>, Refusal> {
    let Intake { options, memory, .. } = intake;
    match within(options.body_time, collected(body, options.body_max, memory)).await {
        Some(read) => read,
        None => Err(Because::Late.says(format!("expected the body within {:?}", options.body_time))),
    }
}

async fn collected<'a>(body: &mut Incoming, body_max: u64, memory: &'a Semaphore) -> Result<Held<'a>, Refusal> {
    let mut held = Held { bytes: Vec::new(), memory: None };
    if body.size_hint().lower() > body_max {
        return Err(too_large(body_max, ""));
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Because::Malformed.says(format!("the body is cut off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        let length = held.bytes.len() + data.len();
        if length as u64 > body_max {
            return Err(too_large(body_max, ""));
        }
        let has = held.memory.as_ref().map_or(0, SemaphorePermit::num_permits);
        let wants = u32::try_from(pieces(length) - has).unwrap_or(u32::MAX);
        // Nobody closes it.
        let more = memory.acquire_many(wants).await.ok();
        match (&mut held.memory, more) {
            (Some(has), Some(more)) => has.merge(more),
            (none, more) => *none = more,
        }
        held.bytes.extend_from_slice(&data);
    }
    Ok(held)
}

/// Reads the rest of a body that is refused, and throws it away, as far as there is patience for it.
pub(super) async fn throw_away(body: &mut Incoming, refusal: &Refusal, options: &ReceiverOptions) {
    if refusal.because == Because::Late {
        return;
    }
    let patience = options.body_max.saturating_mul(PATIENCE);
    let thrown = async {
        let mut length = 0;
        while let Some(Ok(frame)) = body.frame().await {
            length += frame.data_ref().map_or(0, |data| data.len() as u64);
            if length > patience {
                break;
            }
        }
    };
    within(options.body_time, thrown).await;
}

/// What a body is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Body {
    /// Protobuf, as HTTP has it.
    Protobuf,
    /// JSON, as HTTP has it.
    Json,
    /// Protobuf behind its length, as gRPC has it.
    Grpc,
}

/// The request that a body is, and how many bytes it has after decompression.
pub(super) fn request_of(
    kind: Body,
    bytes: &[u8],
    compression: Option<Compression>,
    options: &ReceiverOptions,
) -> Result<(OtlpRequest, u64), Refusal> {
    let (bytes, compression) = match kind {
        Body::Protobuf | Body::Json => (bytes, compression),
        Body::Grpc => {
            let Framed { is_compressed, bytes } = grpc::message(bytes)?;
            if is_compressed && compression.is_none() {
                return Err(Because::Malformed.says("the message says that it is compressed, and nobody says how"));
            }
            (bytes, compression.filter(|_| is_compressed))
        }
    };
    let bytes = match compression {
        Some(by) => Cow::Owned(decompressed(bytes, by, options)?),
        None => Cow::Borrowed(bytes),
    };
    let request = match kind {
        Body::Json => OtlpRequest::from_json(&bytes),
        Body::Protobuf | Body::Grpc => OtlpRequest::from_protobuf(&bytes),
    };
    let request = request.map_err(|error| Because::Malformed.says(error.to_string()))?;
    Ok((request, bytes.len() as u64))
}

/// What a receiver makes of a body, for the fuzz target: its spans and how many are refused, or why all of it is.
///
/// # Errors
///
/// Why it is refused.
pub fn read_body(kind: Body, bytes: &[u8], gzip: bool) -> Result<(Trace, u64), String> {
    let compression = gzip.then_some(Compression::Gzip);
    let options = ReceiverOptions::default().decompressed_max(1 << 20);
    let (request, _) = request_of(kind, bytes, compression, &options).map_err(|refusal| refusal.message)?;
    Ok((Trace::from_shared(request.spans), request.refused.count))
}

/// All that a compressed body holds.
fn decompressed(bytes: &[u8], by: Compression, options: &ReceiverOptions) -> Result<Vec<u8>, Refusal> {
    by.decompressed(bytes, options.decompressed_max).map_err(|error| match error.problem {
        ReadProblem::TooLarge { size_max } => too_large(size_max, " after decompression"),
        problem => Because::Malformed.says(format!("expected a body in {by:?}: {problem}").to_lowercase()),
    })
}

fn too_large(bytes_max: u64, when: &str) -> Refusal {
    Because::TooLarge.says(format!("expected at most {bytes_max} bytes{when}, found more; send fewer spans at a time"))
}

/// What comes of a future within so long.
#[expect(clippy::disallowed_methods, reason = "clients are of the real world")]
pub(super) async fn within<F: Future>(time: Duration, future: F) -> Option<F::Output> {
    tokio::time::timeout(time, future).await.ok()
}
