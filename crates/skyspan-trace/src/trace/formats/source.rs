//! Bytes from anywhere: decompressed, within a limit, and known as text or as protobuf.

use std::io::{self, BufRead, BufReader, Read};

use super::ReadProblem;
use super::refusal::binary_refusal;
use crate::value::Position;

/// So much is looked at to tell what a file is.
const HEAD: u64 = 1 << 13;
/// So much is read at a time.
pub(super) const BUFFER: usize = 1 << 16;
/// So often a file may be compressed.
const LAYERS_MAX: usize = 2;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What a source has.
pub(super) enum Content<'a> {
    /// A text, piece by piece.
    Text(Box<dyn BufRead + 'a>),
    /// All of something that is no text.
    Bytes {
        bytes: Vec<u8>,
        /// Whether it ends before its time, in the middle of what is compressed.
        is_torn: bool,
    },
}

/// What a source has, of which at most so many bytes may come, after decompression.
pub(super) fn open<'a>(source: impl Read + 'a, size_max: u64) -> Result<Content<'a>, ReadProblem> {
    let mut source = Begun::new(Box::new(source))?;
    for _ in 0..LAYERS_MAX {
        let head = source.head();
        let (is_gzip, is_zstd) = (head.starts_with(&GZIP), head.starts_with(&ZSTD));
        source = match () {
            () if is_gzip => Begun::new(gzip(source.whole())?)?,
            () if is_zstd => Begun::new(zstd(source.whole())?)?,
            () => break,
        };
    }
    let mut source = Begun::new(Box::new(Limited { source: source.whole(), left: size_max, size_max }))?;
    let head = source.head();
    if let Some(big_endian) = utf16(head) {
        let (bytes, is_torn) = all(source.whole())?;
        let text = io::Cursor::new(from_utf16(&bytes, big_endian)?.into_bytes());
        let torn = is_torn.then(|| io::ErrorKind::UnexpectedEof.into());
        return Ok(Content::Text(Box::new(BufReader::new(text.chain(Torn(torn))))));
    }
    if is_text(head) {
        return Ok(Content::Text(source.whole()));
    }
    let (bytes, is_torn) = all(source.whole())?;
    // The collector compresses each message by itself.
    let Some(Frames { messages, is_cut }) = frames(&bytes, size_max)? else {
        return Ok(Content::Bytes { bytes, is_torn });
    };
    let is_torn = is_torn || is_cut;
    if messages.first().is_some_and(|first| is_text(first)) {
        let torn = is_torn.then(|| io::ErrorKind::UnexpectedEof.into());
        let text = io::Cursor::new(messages.join(&b'\n'));
        return Ok(Content::Text(Box::new(BufReader::new(text.chain(Torn(torn))))));
    }
    // One message has the parts of all.
    Ok(Content::Bytes { bytes: messages.concat(), is_torn })
}

/// A source whose beginning was looked at.
struct Begun<'a> {
    head: Vec<u8>,
    rest: Box<dyn Read + 'a>,
    /// What happened behind the beginning, told to who reads that far.
    error: Option<io::Error>,
}

impl<'a> Begun<'a> {
    fn new(mut rest: Box<dyn Read + 'a>) -> Result<Self, ReadProblem> {
        let mut head = Vec::new();
        let error = match rest.by_ref().take(HEAD).read_to_end(&mut head) {
            // A file may be cut off right here; what is there is read all the same.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Some(error),
            Err(error) => return Err(ReadProblem::from_io(error)),
            Ok(_) => None,
        };
        Ok(Self { head, rest, error })
    }

    fn head(&self) -> &[u8] {
        &self.head
    }

    fn whole(&mut self) -> Box<dyn BufRead + 'a> {
        let head = io::Cursor::new(std::mem::take(&mut self.head));
        match self.error.take() {
            Some(error) => Box::new(BufReader::new(head.chain(Torn(Some(error))))),
            None => Box::new(
                head.chain(BufReader::with_capacity(BUFFER, std::mem::replace(&mut self.rest, Box::new(io::empty())))),
            ),
        }
    }
}

/// Where a source has failed.
struct Torn(Option<io::Error>);

impl Read for Torn {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// All bytes of a source, and whether it ends before its time, in the middle of what is compressed.
pub(super) fn all(mut source: impl Read) -> Result<(Vec<u8>, bool), ReadProblem> {
    let mut bytes = Vec::new();
    match source.read_to_end(&mut bytes) {
        Ok(_) => Ok((bytes, false)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok((bytes, true)),
        Err(error) => Err(ReadProblem::from_io(error)),
    }
}

/// Whether a file that begins so is a text. Protobuf has control characters among its first bytes: the numbers of its fields.
pub(super) fn is_text(head: &[u8]) -> bool {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x08 | 0x0c | 0x1b | 0x1e);
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        // Broken texts are told as such.
        Some(b'{' | b'[') if !head[..head.len().min(64)].iter().any(control) => true,
        _ => {
            !head.iter().any(control)
                && std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true)
        }
    }
}

/// Whether it is UTF-16, and if it is, whether the high bytes come first: by the mark at its beginning, or by the zeros beside a
/// brace.
fn utf16(head: &[u8]) -> Option<bool> {
    match head {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        [b'{' | b'[', 0, next, 0, ..] if *next != 0 => Some(false),
        [0, b'{' | b'[', 0, next, ..] if *next != 0 => Some(true),
        _ => None,
    }
}

fn from_utf16(bytes: &[u8], big_endian: bool) -> Result<String, ReadProblem> {
    let unit = |pair: &[u8]| {
        if big_endian { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
    };
    let units = bytes.chunks_exact(2).map(unit).skip_while(|unit| *unit == 0xfeff);
    let mut text = String::with_capacity(bytes.len() / 2);
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return Err(ReadProblem::NotText { position: Position::of(&text, text.len()) }),
        }
    }
    Ok(text)
}

/// The messages of a collector's file exporter that compresses.
struct Frames {
    messages: Vec<Vec<u8>>,
    /// Whether one more is cut off.
    is_cut: bool,
}

/// The messages of a file that has before each the number of its bytes, four of them.
fn frames(bytes: &[u8], size_max: u64) -> Result<Option<Frames>, ReadProblem> {
    if bytes.get(4..8) != Some(&ZSTD) {
        return Ok(None);
    }
    let mut messages = Vec::new();
    let (mut rest, mut left) = (bytes, size_max);
    while let Some((size, behind)) = rest.split_first_chunk::<4>() {
        let Some((frame, behind)) = behind.split_at_checked(u32::from_be_bytes(*size) as usize) else {
            return Ok(Some(Frames { messages, is_cut: true }));
        };
        let (message, is_torn) = all(Limited { source: zstd(Box::new(frame))?, left, size_max })?;
        if is_torn {
            return Ok(Some(Frames { messages, is_cut: true }));
        }
        left = left.saturating_sub(message.len() as u64);
        messages.push(message);
        rest = behind;
    }
    Ok(Some(Frames { messages, is_cut: !rest.is_empty() }))
}

/// A source of which no more than so many bytes may come.
pub(super) struct Limited<R> {
    pub(super) source: R,
    pub(super) left: u64,
    pub(super) size_max: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(out)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, TooLarge { size_max: self.size_max }))?;
        Ok(read)
    }
}

/// How it is said within an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("more than {size_max} bytes")]
struct TooLarge {
    size_max: u64,
}

impl ReadProblem {
    /// What kept a source from being read.
    pub(super) fn from_io(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<TooLarge>()) {
            Some(TooLarge { size_max }) => Self::TooLarge { size_max: *size_max },
            None => Self::Io(error),
        }
    }
}

/// A compressed source, whose errors say what it is that is damaged.
#[cfg(feature = "compression")]
struct Whole<R> {
    of: &'static str,
    source: R,
}

#[cfg(feature = "compression")]
impl<R: Read> Read for Whole<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.source.read(out).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                let told = format!("its {} is damaged ({error}); copy or fetch the file again", self.of);
                io::Error::new(error.kind(), told)
            }
            _ => error,
        })
    }
}

#[cfg(feature = "compression")]
pub(super) fn gzip<'a>(source: Box<dyn BufRead + 'a>) -> Result<Box<dyn BufRead + 'a>, ReadProblem> {
    Ok(Box::new(BufReader::with_capacity(
        BUFFER,
        Whole { of: "gzip", source: flate2::bufread::MultiGzDecoder::new(source) },
    )))
}

#[cfg(feature = "compression")]
pub(super) fn zstd<'a>(source: Box<dyn BufRead + 'a>) -> Result<Box<dyn BufRead + 'a>, ReadProblem> {
    Ok(Box::new(BufReader::with_capacity(BUFFER, Whole { of: "zstd", source: super::zstd::ZstdFrames::new(source) })))
}

#[cfg(not(feature = "compression"))]
fn gzip<'a>(_: Box<dyn BufRead + 'a>) -> Result<Box<dyn BufRead + 'a>, ReadProblem> {
    Err(without_compression("gzip"))
}

#[cfg(not(feature = "compression"))]
fn zstd<'a>(_: Box<dyn BufRead + 'a>) -> Result<Box<dyn BufRead + 'a>, ReadProblem> {
    Err(without_compression("zstd"))
}

#[cfg(not(feature = "compression"))]
fn without_compression(by: &str) -> ReadProblem {
    ReadProblem::Refused {
        position: Position { line: 1, column: 1 },
        found: format!("a file compressed by {by}"),
        advice: "decompress it, or build with the feature `compression`".to_owned(),
    }
}

/// Reads what is no text.
#[cfg(not(feature = "protobuf"))]
pub(super) fn binary(bytes: &[u8], _: &mut super::gather::Gather, _: bool) -> Result<Option<usize>, ReadProblem> {
    match binary_refusal(bytes) {
        ReadProblem::Refused { position, found, advice } if advice.starts_with("perhaps") => {
            let advice = "OTLP in protobuf is read with the feature `protobuf`".to_owned();
            Err(ReadProblem::Refused { position, found, advice })
        }
        refusal => Err(refusal),
    }
}

/// Reads what is no text.
#[cfg(feature = "protobuf")]
pub(super) fn binary(
    bytes: &[u8],
    gather: &mut super::gather::Gather,
    up_to_cut: bool,
) -> Result<Option<usize>, ReadProblem> {
    match super::otlp_protobuf_read::messages(bytes, gather, up_to_cut) {
        Some(read) => read,
        None => Err(binary_refusal(bytes)),
    }
}
