//! [`Compression`]: how a body of HTTP is compressed.

use std::io::{BufReader, Cursor, ErrorKind};

use super::source::{BUFFER, Limited, all, gzip, zstd};
use super::{ReadError, ReadProblem};

/// How a body of HTTP is compressed, as its headers say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compression {
    Gzip,
    /// As zlib has it, which HTTP calls `deflate`.
    #[cfg(feature = "receive")]
    Zlib,
    #[cfg(feature = "receive")]
    Zstd,
}

impl Compression {
    /// All that `body` holds, which is at most so many bytes.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is more, is no such thing, or is cut off.
    pub(crate) fn decompressed(self, body: &[u8], size_max: u64) -> Result<Vec<u8>, ReadError> {
        let body = Box::new(Cursor::new(body));
        let source = match self {
            Self::Gzip => gzip(body)?,
            #[cfg(feature = "receive")]
            Self::Zlib => Box::new(BufReader::with_capacity(BUFFER, flate2::bufread::ZlibDecoder::new(body))),
            #[cfg(feature = "receive")]
            Self::Zstd => zstd(body)?,
        };
        match all(Limited { source, left: size_max, size_max })? {
            (bytes, false) => Ok(bytes),
            (_, true) => Err(ReadProblem::Io(ErrorKind::UnexpectedEof.into()).into()),
        }
    }
}
