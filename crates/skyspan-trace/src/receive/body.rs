//! The body of a request: read within its limits.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};

use super::options::ReceiverOptions;
use super::refusal::{Because, Refusal};
use crate::trace::Compression;

/// So many times the limit of a body that is too large are read and thrown away, so that its client, which first sends all of it,
/// comes to read why.
const PATIENCE: u64 = 8;

/// Reads all of a body, as it comes.
pub(super) async fn read(body: Incoming, options: &ReceiverOptions) -> Result<Vec<u8>, Refusal> {
    match within(options.body_time, collected(body, options.body_max)).await {
        Some(read) => read,
        None => Err(Because::Late.says(format!("expected the body within {:?}", options.body_time))),
    }
}

async fn collected(mut body: Incoming, body_max: u64) -> Result<Vec<u8>, Refusal> {
    let (mut bytes, mut length) = (Vec::new(), 0_u64);
    if body.size_hint().lower() <= body_max {
        bytes.reserve_exact(usize::try_from(body.size_hint().lower()).unwrap_or_default().min(1 << 20));
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Because::Malformed.says(format!("the body is cut off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length <= body_max {
            bytes.extend_from_slice(&data);
        } else {
            bytes = Vec::new();
            if length / PATIENCE > body_max {
                break;
            }
        }
    }
    if length > body_max { Err(too_large(body_max, "")) } else { Ok(bytes) }
}

/// All that a compressed body holds.
pub(super) fn decompressed(bytes: &[u8], by: Compression, options: &ReceiverOptions) -> Result<Vec<u8>, Refusal> {
    by.decompressed(bytes, options.decompressed_max).map_err(|error| match error.problem {
        crate::trace::ReadProblem::TooLarge { size_max } => too_large(size_max, " after decompression"),
        problem => Because::Malformed.says(format!("expected a body in {by:?}: {problem}").to_lowercase()),
    })
}

pub(super) fn too_large(bytes_max: u64, when: &str) -> Refusal {
    Because::TooLarge.says(format!("expected at most {bytes_max} bytes{when}, found more; send fewer spans at a time"))
}

/// What comes of a future within so long.
#[expect(clippy::disallowed_methods, reason = "clients are of the real world")]
pub(super) async fn within<F: Future>(time: Duration, future: F) -> Option<F::Output> {
    tokio::time::timeout(time, future).await.ok()
}
