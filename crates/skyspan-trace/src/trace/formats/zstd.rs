//! [`ZstdFrames`]: what zstd has compressed.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The frames of a file, one after another; a file of zstd may have several, and some that hold nothing.
///
/// A frame that wants a window of more than 100 MiB is refused by the decoder.
pub(super) struct ZstdFrames<R> {
    source: R,
    decoder: FrameDecoder,
    /// Whether a frame is being read.
    is_within: bool,
}

impl<R: BufRead> ZstdFrames<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), is_within: false }
    }

    /// Begins the next frame, unless there is none.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(self.error(error)),
            }
        }
        Ok(false)
    }

    /// An error of the decoder, which at the end of the source means that it is cut off.
    fn error(&mut self, error: FrameDecoderError) -> io::Error {
        let is_at_end = self.source.fill_buf().is_ok_and(<[u8]>::is_empty);
        let kind = if is_at_end { io::ErrorKind::UnexpectedEof } else { io::ErrorKind::InvalidData };
        io::Error::new(kind, error)
    }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !out.is_empty() && (self.is_within || self.begin()?) {
            self.is_within = true;
            while self.decoder.can_collect() < out.len() && !self.decoder.is_finished() {
                let wanted = BlockDecodingStrategy::UptoBytes(out.len() - self.decoder.can_collect());
                let decoded = self.decoder.decode_blocks(&mut self.source, wanted);
                decoded.map_err(|error| self.error(error))?;
            }
            let read = self.decoder.read(out)?;
            if read > 0 {
                return Ok(read);
            }
            self.is_within = false;
        }
        Ok(0)
    }
}
