//! [`Compression`]: how a body of HTTP is compressed, and the [`Encoding`] by which a header says so.

use std::io::{BufReader, Cursor, ErrorKind};

use super::source::{BUFFER, Limited, all, gzip, zstd};
use super::{ReadError, ReadProblem};

/// How a body of HTTP is compressed, as its headers say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compression {
    Gzip,
    /// As zlib has it, which HTTP calls `deflate`.
    Zlib,
    Zstd,
}

/// What a header says of the compression of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    /// It is as it is.
    Plain,
    Compressed(Compression),
    /// One that is not read.
    Unknown,
}

impl Encoding {
    /// That of the value of a header of HTTP or gRPC.
    pub(crate) fn of(value: &str) -> Self {
        match &*value.trim().to_ascii_lowercase() {
            "" | "identity" => Self::Plain,
            "gzip" | "x-gzip" => Self::Compressed(Compression::Gzip),
            "deflate" => Self::Compressed(Compression::Zlib),
            "zstd" => Self::Compressed(Compression::Zstd),
            _ => Self::Unknown,
        }
    }
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
            Self::Zlib => Box::new(BufReader::with_capacity(BUFFER, flate2::bufread::ZlibDecoder::new(body))),
            Self::Zstd => zstd(body)?,
        };
        match all(Limited { source, left: size_max, size_max })? {
            (bytes, false) => Ok(bytes),
            (_, true) => Err(ReadProblem::Io(ErrorKind::UnexpectedEof.into()).into()),
        }
    }
}
