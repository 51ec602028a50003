//! [`ReadOptions`]: how a file is read, and [`ReadTrace`]: what came of it.

use std::io::{self, BufRead, Read};
use std::path::Path;

use super::log_prefix::{is_prefixed, streams};
use super::refusal::refusal;
use super::source::{Content, binary, open};
use super::text_read::TextReader;
use super::{NoSpan, PassedOver, ReadError, ReadProblem, TraceFormat};
use crate::trace::Trace;
use crate::value::Position;

/// So much of a text is read at a time, as long as an object is not longer.
const PIECE: usize = 4 << 20;

/// How a trace is read from a file, and what is refused.
///
/// # Limits
///
/// A file has at most 2 GiB ([`size_max`](Self::size_max)), a compressed one after decompression, which goes two layers deep. Lists
/// and maps lie at most 512 deep in one another, in protobuf 100. What is held in memory beside the spans is a piece of 4 MiB, or the
/// longest object if that is longer, and at most four times as much for the places of its values; of protobuf, UTF-16 and
/// logs with something before their lines it is the whole file.
///
/// ```
/// use skyspan_trace::trace::{NoSpan, ReadOptions};
///
/// let log = r#"Hello world!
/// {"name": "a", "context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002"}}
/// "#;
/// let reading = ReadOptions::new().read_from(log.as_bytes())?;
/// assert_eq!(reading.trace.len(), 1);
/// assert_eq!((reading.passed_over[0].what, reading.passed_over[0].count), (NoSpan::Line, 1));
/// assert_eq!(reading.warnings(), ["passed over 1 line that is no span, on line 1: \"Hello world!\""]);
///
/// let error = ReadOptions::new().strict(true).read_from(log.as_bytes()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 1, column 1: expected nothing but spans, found 1 line that is no span, on line 1: \"Hello world!\"",
/// );
/// # Ok::<(), skyspan_trace::trace::ReadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReadOptions {
    strict: bool,
    up_to_cut: bool,
    empty: bool,
    size_max: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { strict: false, up_to_cut: false, empty: false, size_max: 2 << 30 }
    }
}

impl ReadOptions {
    /// What is no span is passed over and told; a file that is cut off, or has no span, is an error.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether anything that is no span is an error.
    #[must_use]
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Whether a file that is cut off gives the spans before the cut; [`ReadTrace::cut`] says where it is. Console JSON whose last
    /// span is cut off gives them anyway.
    #[must_use]
    pub fn up_to_cut(self, up_to_cut: bool) -> Self {
        Self { up_to_cut, ..self }
    }

    /// Whether a file without spans is a trace without spans: an empty one, or an answer that has none. Something that is no
    /// trace is an error all the same.
    #[must_use]
    pub fn empty(self, empty: bool) -> Self {
        Self { empty, ..self }
    }

    /// Sets how many bytes are read at most, of a compressed file after decompression; 2 GiB unless this is said.
    #[must_use]
    pub fn size_max(self, size_max: u64) -> Self {
        Self { size_max, ..self }
    }

    pub(super) fn is_strict(&self) -> bool {
        self.strict
    }

    pub(super) fn is_up_to_cut(&self) -> bool {
        self.up_to_cut
    }

    /// Reads a file, in whatever format it is in.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the file cannot be read or is no trace; it names the file.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<ReadTrace, ReadError> {
        let path = path.as_ref();
        let read = std::fs::File::open(path).map_err(ReadProblem::Io).and_then(|file| self.reading(file));
        read.map_err(|problem| ReadError { path: Some(path.to_owned()), problem })
    }

    /// Reads what is left in `source`, standard input for example.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it cannot be read or is no trace.
    pub fn read_from(&self, source: impl Read) -> Result<ReadTrace, ReadError> {
        Ok(self.reading(source)?)
    }

    fn reading(&self, source: impl Read) -> Result<ReadTrace, ReadProblem> {
        let mut reader = TextReader::new(self);
        match open(source, self.size_max)? {
            Content::Text(text) => self.read_text(text, &mut reader)?,
            Content::Bytes { bytes, is_torn } => {
                let cut = binary(&bytes, &mut reader.gather, self.up_to_cut)?.or(is_torn.then_some(bytes.len()));
                if cut.is_some() && !self.up_to_cut {
                    let problem = "what is compressed is cut off behind this".to_owned();
                    return Err(ReadProblem::Protobuf { byte: bytes.len(), problem });
                }
                reader.cut = cut.map(|byte| Position { line: 1, column: byte + 1 });
                reader.formats.push(TraceFormat::OtlpProtobuf);
            }
        }
        self.finish(reader)
    }

    fn read_text(&self, mut source: impl BufRead, reader: &mut TextReader<'_>) -> Result<(), ReadProblem> {
        let mut buffer = Vec::new();
        let mut wanted = PIECE;
        let mut is_first = true;
        loop {
            let (is_last, is_torn) = fill(&mut buffer, &mut source, wanted)?;
            let text = match std::str::from_utf8(&buffer) {
                Ok(text) => text,
                Err(error) if error.error_len().is_none() && !is_last => {
                    std::str::from_utf8(&buffer[..error.valid_up_to()]).unwrap_or_default()
                }
                Err(error) => {
                    let valid = String::from_utf8_lossy(&buffer[..error.valid_up_to()]);
                    return Err(ReadProblem::NotText { position: reader.position(&valid, valid.len()) });
                }
            };
            let mark = if is_first { text.len() - text.trim_start_matches('\u{feff}').len() } else { 0 };
            if is_first && is_prefixed(text) {
                if is_last {
                    return reader.streams(&streams(text));
                }
                wanted = usize::MAX;
                continue;
            }
            let done = mark + reader.piece(&text[mark..], is_last)?;
            if is_torn && reader.cut.is_none() {
                reader.torn(self.up_to_cut)?;
            }
            if is_last {
                return Ok(());
            }
            buffer.drain(..done);
            is_first = false;
            wanted = PIECE.max(buffer.len().saturating_mul(4));
        }
    }

    /// The reading, unless there is nothing to be had.
    fn finish(&self, reader: TextReader<'_>) -> Result<ReadTrace, ReadProblem> {
        let TextReader { gather, formats, passed_over, cut, head, .. } = reader;
        if gather.spans.is_empty() {
            let is_other = passed_over.iter().any(|passed| matches!(passed.what, NoSpan::Line | NoSpan::Object));
            let has_signals = passed_over.iter().any(|passed| !matches!(passed.what, NoSpan::Line | NoSpan::Object));
            if formats.is_empty() && is_other && !has_signals {
                return Err(refusal(&head));
            }
            if !self.empty || (cut.is_some() && !self.up_to_cut) {
                return Err(ReadProblem::NoSpan { found: instead(&formats, &passed_over, &gather.remarks) });
            }
        }
        let trace = Trace::from_shared(gather.spans);
        Ok(ReadTrace { trace, formats, passed_over, cut, remarks: gather.remarks })
    }
}

/// What a file without spans has in their place.
fn instead(formats: &[TraceFormat], passed_over: &[PassedOver], remarks: &[String]) -> String {
    let mut parts: Vec<String> = formats.iter().map(|format| format!("{format} that has none")).collect();
    parts.extend(passed_over.iter().map(ToString::to_string));
    parts.extend(remarks.iter().cloned());
    if parts.is_empty() { "it is empty".to_owned() } else { parts.join("; ") }
}

/// Reads until so much is there, or the end. Gives whether it is the end, and whether that is one before its time, in the middle of
/// what is compressed.
fn fill(buffer: &mut Vec<u8>, source: &mut impl BufRead, wanted: usize) -> Result<(bool, bool), ReadProblem> {
    let missing = wanted.saturating_sub(buffer.len());
    match source.by_ref().take(missing as u64).read_to_end(buffer) {
        Ok(read) => Ok((read < missing, false)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok((true, true)),
        Err(error) => Err(ReadProblem::from_io(error)),
    }
}

/// What was read of a file, and what was not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadTrace {
    /// The spans, in the order of the file.
    pub trace: Trace,
    /// The formats that they were in.
    pub formats: Vec<TraceFormat>,
    /// What was passed over, by sort.
    pub passed_over: Vec<PassedOver>,
    /// Where the file is cut off, if it is; of protobuf and of what was compressed it is the last place that was seen.
    pub cut: Option<Position>,
    /// What an answer says beside its spans, such as the errors of Jaeger.
    pub remarks: Vec<String>,
}

impl ReadTrace {
    /// A trace from somewhere else than a file, and what is to be said of it.
    #[cfg(feature = "store")]
    pub(crate) fn of(trace: Trace, remarks: Vec<String>) -> Self {
        Self { trace, formats: Vec::new(), passed_over: Vec::new(), cut: None, remarks }
    }

    /// All that somebody should hear who takes the trace for the whole of the file.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let passed = self.passed_over.iter().map(|passed| format!("passed over {passed}"));
        let cut = self.cut.map(|cut| format!("the file is cut off at {cut}: only the spans before it are there"));
        passed.chain(cut).chain(self.remarks.iter().cloned()).collect()
    }
}

impl Trace {
    /// Reads a trace from a file, in whatever format it is in, which is recognised by its content:
    ///
    /// | format | from |
    /// |---|---|
    /// | console JSON ([`from_console_json`](Self::from_console_json)) | Python's SDK, also with what a program prints beside it, and what logs put before each line |
    /// | OTLP JSON ([`from_otlp_json`](Self::from_otlp_json)) | the collector's file exporter, Tempo, Jaeger's v3, Java's logging exporter, protobuf's `MessageToJson` |
    /// | OTLP protobuf (feature `protobuf`) | requests and `TracesData`, alone or behind their lengths, Tempo's answers, the collector's file exporter |
    /// | Jaeger's JSON ([`from_jaeger_json`](Self::from_jaeger_json)) | its UI, its API, its Elasticsearch |
    /// | Zipkin's JSON ([`from_zipkin_json`](Self::from_zipkin_json)) | Zipkin's reporters and API |
    /// | skyspan's own JSON | serde, which makes it of a [`Trace`] |
    /// | Go's stdouttrace ([`from_go_stdout`](Self::from_go_stdout)) | Go's SDK |
    ///
    /// Each may be compressed by gzip or zstd (feature `compression`), or in UTF-16. What is no span (metrics and logs, lines that a
    /// program prints) is passed over; [`ReadOptions`] tells it, or refuses it.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the file cannot be read, is no trace, is cut off, or has no span; it names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        ReadOptions::new().read(path).map(|reading| reading.trace)
    }

    /// Reads a trace from what is left in `source`, standard input for example; otherwise as [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it cannot be read, is no trace, is cut off, or has no span.
    pub fn read_from(source: impl Read) -> Result<Self, ReadError> {
        ReadOptions::new().read_from(source).map(|reading| reading.trace)
    }
}
