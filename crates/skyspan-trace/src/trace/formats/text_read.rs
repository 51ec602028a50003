//! Texts, read for the spans in them.

use std::ops::Range;

use super::field::{Field, Wrong};
use super::gather::Gather;
use super::item::{self, Item};
use super::log_prefix::Stream;
use super::passed_over::beginning;
use super::{NoSpan, PassedOver, ReadError, ReadOptions, ReadProblem, TraceFormat};
use crate::trace::Trace;
use crate::value::{JsonError, JsonFault, JsonTape, Position};

/// So many braces of a line that is no JSON are tried.
const TRIED_MAX: usize = 16;

/// How much of the beginning is kept, to tell what a file without spans is.
const HEAD: usize = 4096;

/// The trace of a text that is JSON, and all of whose objects, alone or in a list, `read` reads.
pub(super) fn trace_of(
    text: &str,
    read: impl for<'a> Fn(&mut Gather, Field<'a>) -> Result<(), Wrong<'a>>,
) -> Result<Trace, ReadError> {
    let mut gather = Gather::default();
    let mut tape = JsonTape::default();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    loop {
        at = skip_white_space(text, at);
        if at == text.len() {
            break;
        }
        at = tape.read(text, at).map_err(|fault| ReadProblem::Json(fault.error(text)))?;
        let root = Field::from(tape.root(text));
        let elements: &mut dyn Iterator<Item = Field<'_>> =
            if root.is_list() { &mut root.elements() } else { &mut std::iter::once(root) };
        for field in elements {
            let number = gather.spans.len() + 1;
            read(&mut gather, field).map_err(|wrong| {
                ReadProblem::wrong(
                    Position::of(text, wrong.field.at()),
                    number.max(gather.spans.len() + 1),
                    root,
                    &wrong,
                )
            })?;
        }
    }
    match gather.remarks.is_empty() || !gather.spans.is_empty() {
        true => Ok(Trace::from_shared(gather.spans)),
        false => Err(ReadProblem::NoSpan { found: gather.remarks.join("; ") }.into()),
    }
}

fn skip_white_space(text: &str, at: usize) -> usize {
    at + text.as_bytes()[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// Reads the spans of a text, piece by piece: objects of any format, one after another, with commas between and lists around, and
/// what a program prints beside them.
pub(super) struct TextReader<'o> {
    options: &'o ReadOptions,
    pub(super) gather: Gather,
    tape: JsonTape,
    /// Where the lists begin that are open.
    lists: Vec<Position>,
    /// The formats of the objects so far.
    pub(super) formats: Vec<TraceFormat>,
    pub(super) passed_over: Vec<PassedOver>,
    /// Where the text is cut off.
    pub(super) cut: Option<Position>,
    /// How the text begins.
    pub(super) head: String,
    /// Where the piece begins that is read now.
    begins: Position,
    /// For each span of a stream where its object ends.
    ends: Vec<usize>,
}

/// What comes of trying to read an object.
enum Tried {
    /// It was read, up to here.
    Read(usize),
    /// The text is not in this format.
    No,
    /// It is one as far as the piece goes.
    More,
}

impl<'o> TextReader<'o> {
    pub(super) fn new(options: &'o ReadOptions) -> Self {
        Self {
            options,
            gather: Gather::default(),
            tape: JsonTape::default(),
            lists: Vec::new(),
            formats: Vec::new(),
            passed_over: Vec::new(),
            cut: None,
            head: String::new(),
            begins: Position { line: 1, column: 1 },
            ends: Vec::new(),
        }
    }

    /// Where a place of the piece is that comes next.
    pub(super) fn position(&self, text: &str, at: usize) -> Position {
        behind(self.begins, Position::of(text, at))
    }

    /// What was compressed is cut off behind what was read.
    pub(super) fn torn(&mut self, up_to_cut: bool) -> Result<(), ReadProblem> {
        let (position, spans) = (self.begins, self.gather.spans.len());
        self.cut = Some(position);
        if up_to_cut { Ok(()) } else { Err(ReadProblem::CutOff { position, begun: position, spans }) }
    }

    /// Reads a piece that begins where the last has ended, and gives how much of it is done with; unless it is the last, the
    /// rest wants more behind it.
    pub(super) fn piece(&mut self, text: &str, is_last: bool) -> Result<usize, ReadProblem> {
        self.keep_head(text);
        let begins = self.begins;
        let done = self.read(text, is_last, &|at| behind(begins, Position::of(text, at)))?;
        self.ends.clear();
        self.begins = behind(begins, Position::of(text, done));
        Ok(done)
    }

    /// Reads what stands behind the names of several programs.
    pub(super) fn streams(&mut self, streams: &[Stream]) -> Result<(), ReadProblem> {
        let mut lines = Vec::new();
        for stream in streams {
            self.keep_head(&stream.text);
            self.ends.clear();
            self.read(&stream.text, true, &|at| stream.position(at))?;
            lines.extend(stream.lines_of(&self.ends));
        }
        // They are read one program after the other, and were printed together.
        let mut spans: Vec<_> = lines.into_iter().zip(std::mem::take(&mut self.gather.spans)).collect();
        spans.sort_by_key(|(line, _)| *line);
        self.gather.spans = spans.into_iter().map(|(_, span)| span).collect();
        Ok(())
    }

    fn keep_head(&mut self, text: &str) {
        if self.head.is_empty() {
            beginning(text, HEAD).clone_into(&mut self.head);
        }
    }

    fn read(&mut self, text: &str, is_last: bool, position: &dyn Fn(usize) -> Position) -> Result<usize, ReadProblem> {
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            // Between texts of RFC 7464 stands a character of its own.
            at += bytes[at..]
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | 0x1e))
                .count();
            match bytes.get(at) {
                None => break,
                Some(b'[') if is_last || bytes.len() > at + 1 + blanks(&bytes[at + 1..]) => {
                    let next = at + 1 + blanks(&bytes[at + 1..]);
                    if !matches!(bytes.get(next), Some(b'{' | b'[' | b']') | None) {
                        at = match self.line(text, at, is_last, position)? {
                            Some(end) => end,
                            None => return Ok(at),
                        };
                        continue;
                    }
                    self.lists.push(position(at));
                    at += 1;
                }
                Some(b'[') => return Ok(at),
                Some(b']') if !self.lists.is_empty() => {
                    self.lists.pop();
                    at += 1;
                }
                Some(b'{') => match self.object(text, at, is_last, position)? {
                    Tried::Read(end) => at = end,
                    Tried::More => return Ok(at),
                    Tried::No => match self.line(text, at, is_last, position)? {
                        Some(end) => at = end,
                        None => return Ok(at),
                    },
                },
                Some(_) => match self.line(text, at, is_last, position)? {
                    Some(end) => at = end,
                    None => return Ok(at),
                },
            }
        }
        if is_last && let Some(list) = self.lists.first().copied() {
            self.lists.clear();
            self.cut_off(text, at, list, position(at))?;
        }
        Ok(at)
    }

    /// Tries to read the object that begins at a place.
    fn object(
        &mut self,
        text: &str,
        at: usize,
        is_last: bool,
        position: &dyn Fn(usize) -> Position,
    ) -> Result<Tried, ReadProblem> {
        match self.tape.read(text, at) {
            Ok(end) => {
                let before = self.gather.spans.len();
                self.item(text, at..end, position)?;
                self.ends.extend(std::iter::repeat_n(end, self.gather.spans.len() - before));
                Ok(Tried::Read(end))
            }
            Err(fault) if fault.is_cut && !is_last => Ok(Tried::More),
            Err(_) if !item::begins_item(&text[at..]) => Ok(Tried::No),
            Err(fault) if fault.is_cut => {
                self.lists.clear();
                self.cut_off(text, at, position(at), position(text.len()))?;
                Ok(Tried::Read(text.len()))
            }
            Err(fault) => Err(json_error(&fault, text, position)),
        }
    }

    /// Makes spans of the object on the tape, or passes it over.
    fn item(
        &mut self,
        text: &str,
        range: Range<usize>,
        position: &dyn Fn(usize) -> Position,
    ) -> Result<(), ReadProblem> {
        let tape = std::mem::take(&mut self.tape);
        let root = Field::from(tape.root(text));
        let done = match Item::of(root) {
            Item::Of(format) => {
                if !self.formats.contains(&format) {
                    self.formats.push(format);
                }
                item::read(&mut self.gather, format, root).map_err(|wrong| {
                    ReadProblem::wrong(position(wrong.field.at()), self.gather.spans.len() + 1, root, &wrong)
                })
            }
            Item::Other(what) => self.pass_over(what, &text[range.clone()], || position(range.start)),
        };
        self.tape = tape;
        done
    }

    /// Passes over a line that is no JSON, from a place to its end, up to an object that begins in it. Nothing where the line has no end
    /// yet.
    fn line(
        &mut self,
        text: &str,
        at: usize,
        is_last: bool,
        position: &dyn Fn(usize) -> Position,
    ) -> Result<Option<usize>, ReadProblem> {
        let end = match text[at..].find('\n') {
            Some(length) => at + length,
            None if is_last => text.len(),
            None => return Ok(None),
        };
        let braces = text[at..end].match_indices('{').map(|(brace, _)| at + brace).filter(|brace| *brace > at);
        for brace in braces.filter(|brace| item::begins_item(&text[*brace..])).take(TRIED_MAX) {
            match self.tape.read(text, brace) {
                Ok(_) => {
                    self.pass_over(NoSpan::Line, &text[at..brace], || position(at))?;
                    return Ok(Some(brace));
                }
                Err(fault) if fault.is_cut && !is_last => return Ok(None),
                Err(fault) if fault.is_cut => {
                    self.pass_over(NoSpan::Line, &text[at..brace], || position(at))?;
                    return Ok(Some(brace));
                }
                Err(_) => {}
            }
        }
        self.pass_over(NoSpan::Line, &text[at..end], || position(at))?;
        Ok(Some(end))
    }

    fn pass_over(&mut self, what: NoSpan, text: &str, place: impl FnOnce() -> Position) -> Result<(), ReadProblem> {
        if self.options.is_strict() {
            return Err(ReadProblem::PassedOver(PassedOver::first(what, place(), text)));
        }
        match self.passed_over.iter_mut().find(|passed| passed.what == what) {
            Some(passed) => passed.count += 1,
            None => self.passed_over.push(PassedOver::first(what, place(), text)),
        }
        Ok(())
    }

    /// The text ends in what has begun at a place.
    fn cut_off(&mut self, text: &str, at: usize, begun: Position, end: Position) -> Result<(), ReadProblem> {
        let is_console = self.formats.iter().all(|format| *format == TraceFormat::Console);
        let is_span = text.get(at..).is_some_and(|rest| rest.starts_with('{'));
        if is_console && !self.gather.spans.is_empty() && !self.options.is_strict() {
            // Of what a program prints the last is cut off where it ends before its time.
            return if is_span { self.pass_over(NoSpan::CutOff, &text[at..], || begun) } else { Ok(()) };
        }
        if !self.options.is_up_to_cut() {
            return Err(ReadProblem::CutOff { position: end, begun, spans: self.gather.spans.len() });
        }
        self.cut = Some(end);
        Ok(())
    }
}

/// The position of what is at `within` in a piece that begins at `begins`.
fn behind(begins: Position, within: Position) -> Position {
    let column = if within.line == 1 { begins.column + within.column - 1 } else { within.column };
    Position { line: begins.line + within.line - 1, column }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

fn json_error(fault: &JsonFault, text: &str, position: &dyn Fn(usize) -> Position) -> ReadProblem {
    ReadProblem::Json(JsonError { position: position(fault.at), ..fault.error(text) })
}
