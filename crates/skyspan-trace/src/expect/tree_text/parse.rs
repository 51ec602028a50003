//! From a text to a [`ForestExpectation`].

use std::str::FromStr;

use super::cursor::Cursor;
use super::error::TreeError;
use super::item::item;
use crate::expect::level::Level;
use crate::expect::span_expectation::DEPTH_MAX;
use crate::expect::{ForestExpectation, SpanExpectation};

impl ForestExpectation {
    /// The trees of a text that is close to a drawn tree: one line a span, two spaces of indentation a level.
    ///
    /// ```
    /// use skyspan_trace::expect::ForestExpectation;
    /// # use skyspan_trace::value::Timestamp;
    /// # use skyspan_trace::trace::{Span, Trace};
    /// # let at = Timestamp::from_unix_ns;
    /// # let made = |name: &str, id: u64, parent: u64| {
    /// #     Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(id)).end(at(id + 1_000_000))
    /// # };
    /// # let trace = Trace::from_spans([
    /// #     made("scan", 1, 0).build(),
    /// #     made("open shutter", 2, 1).attribute("device", "shutter 1").build(),
    /// #     made("point", 3, 1).attribute("target", 0.5).build(),
    /// #     made("expose", 4, 3).build(),
    /// #     made("point", 5, 1).attribute("target", 1.5).build(),
    /// #     made("read out", 6, 5).build(),
    /// #     made("expose", 7, 6).build(),
    /// #     made("log", 8, 0).build(),
    /// # ]);
    /// let expectation = ForestExpectation::parse(r#"
    ///     scan                  1 ms
    ///       (in order)
    ///       open shutter  ..=5 ms     device="shutter…
    ///       point {2..}   1 ms..      target=0..=2
    ///         ** expose
    ///       close* ?
    ///       ! retry
    ///     ## whatever else was under way
    ///     ...
    /// "#).unwrap();
    /// trace.assert(expectation);
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::expect::ForestExpectation;
    /// # use skyspan_trace::trace::{Span, Trace};
    /// # let trace = Trace::from_spans([Span::builder("scan").build(), Span::builder("log").build()]);
    /// trace.assert(ForestExpectation::parse("scan").unwrap());
    /// ```
    ///
    /// | a line | is | as a value |
    /// |---|---|---|
    /// | `open shutter  device="a"` | a span; two spaces end its name | `span("open shutter").attr("device", "a")` |
    /// | `"odd  name"` | a name with what else would mean something, as a JSON string | `span("odd  name")` |
    /// | `set*`, `*` | a name with any characters for `*`; any name | `span(glob("set*"))`, `span(any())` |
    /// | `/^(set\|get)$/` | a name by regular expression | `span(regex("^(set\|get)$"))` |
    /// | `set {3}`, `set {2..=5}`, `set {2..}`, `set {..}` | so many among its siblings | [`times`](SpanExpectation::times) |
    /// | `retry ?` | none or one | [`optional`](SpanExpectation::optional) |
    /// | `! retry` | none | [`forbidden`](SpanExpectation::forbidden) |
    /// | `** expose` | among its siblings or anywhere below them | [`at_any_depth`](SpanExpectation::at_any_depth) |
    /// | `...` | others may be among these siblings; alone: any children | [`children_at_least`](SpanExpectation::children_at_least), [`any_children`](SpanExpectation::any_children), [`or_more`](Self::or_more) |
    /// | `(in order)` | these siblings come in this order | [`children_in_order`](SpanExpectation::children_in_order), [`in_order`](Self::in_order) |
    /// | `# words` | a comment | |
    ///
    /// | behind a name | is | as a value |
    /// |---|---|---|
    /// | `12 ms`, `1 min 30.5 s` | so long, to the nanosecond | [`lasting`](SpanExpectation::lasting) |
    /// | `..=5 ms`, `1 s..2 s`, `1 s..` | in a range | the same |
    /// | `open` | it has not ended | [`open`](SpanExpectation::open) |
    /// | `key=5`, `key=5.0`, `key="5"`, `key=[5]` | a value in JSON, of that type | [`attr`](SpanExpectation::attr) |
    /// | `key=motor` | a string: a word, or the `repr` of a device of that name | |
    /// | `exit_status=success` | a run that ended so: also what bluesky writes for it, such as `"None"` | [`bluesky_exit_status`](SpanExpectation::bluesky_exit_status) |
    /// | `key=motor*`, `key=/^m/` | a string by pattern; what is in quotes has none | [`glob`](crate::expect::glob), [`regex`](crate::expect::regex()) |
    /// | `key=0..=5`, `key=1.5..` | a number in a range | [`between`](crate::expect::between) |
    /// | `key="Syn…`, `key=[1, 2…` | a value that is drawn so far, and goes on | |
    /// | `@status=error`, `@status=ok`, `@status=unset` | its status | [`status`](SpanExpectation::status) |
    /// | `@description="no light"`, `@description=no*` | the description of an error | [`status_description`](SpanExpectation::status_description) |
    /// | `@kind=server` | its kind | [`kind`](SpanExpectation::kind) |
    /// | `@event=retry`, `@event="cache miss"` | it has such an event | [`event`](SpanExpectation::event) |
    /// | `@bluesky_exit_status=success` | how a run of bluesky ended, however that is written | [`bluesky_exit_status`](SpanExpectation::bluesky_exit_status) |
    /// | `key=*`, `!key` | there is a value; there is none | [`has_attr`](SpanExpectation::has_attr), [`no_attr`](SpanExpectation::no_attr) |
    ///
    /// Keys that are no plain words stand in quotes, too. Attributes that are not listed are free, and so is a duration
    /// that is not said. Siblings come in any order unless it is said, and are all there are.
    ///
    /// The lines that a drawing has in place of spaces (`├ `, `└ `, `│ `) are spaces here, so that what
    /// [`Trace::tree_text`](crate::trace::Trace::tree_text) and `skyspan tree --text` print is a text that the same trace is as.
    ///
    /// # Errors
    ///
    /// [`TreeError`] where the text is none, with line and column:
    ///
    /// ```
    /// # use skyspan_trace::expect::ForestExpectation;
    /// let error = ForestExpectation::parse("plan\n     set").unwrap_err();
    /// assert_eq!(error.to_string(), "\
    /// line 2, column 6: expected at most 2 spaces before a name, two more for each level, found `set`
    ///   |      set
    ///   |      ^");
    /// ```
    ///
    /// It also is one if a span is more than 200 levels deep.
    pub fn parse(text: &str) -> Result<Self, TreeError> {
        let mut above: Vec<(Option<SpanExpectation>, Level)> = vec![(None, Level::default())];
        let mut base = None;
        for (at, line) in text.lines().enumerate() {
            let mut cursor = Cursor { line: line.trim_end_matches([' ', '\r']), number: at + 1, at: 0 };
            let columns = indentation(&mut cursor);
            if cursor.is_at_end() || cursor.rest().starts_with('#') {
                continue;
            }
            let base = *base.get_or_insert(columns);
            let depth = depth(&cursor, columns, base, above.len() - 1)?;
            close(&mut above, depth);
            let Some((_, level)) = above.last_mut() else { return Err(cursor.error("a tree")) };
            if cursor.take_word("...") || cursor.take_word("…") {
                level.or_more = true;
                nothing_more(&mut cursor)?;
            } else if cursor.take_word("(in order)") {
                level.in_order = true;
                nothing_more(&mut cursor)?;
            } else {
                let expected = item(&mut cursor)?;
                above.push((Some(expected), Level::default()));
            }
        }
        close(&mut above, 0);
        Ok(Self(above.pop().map(|(_, level)| level).unwrap_or_default()))
    }
}

/// The same as [`parse`](ForestExpectation::parse).
impl FromStr for ForestExpectation {
    type Err = TreeError;

    fn from_str(text: &str) -> Result<Self, TreeError> {
        Self::parse(text)
    }
}

/// Goes past the indentation and counts its columns. A drawing says of what lies deep how deep it is.
fn indentation(cursor: &mut Cursor<'_>) -> usize {
    let is_guide = |c| matches!(c, ' ' | '│' | '├' | '└');
    let columns = cursor.take_while(is_guide).chars().count();
    let mut deep = *cursor;
    if deep.take("⋯") {
        let level = deep.take_while(|c| c.is_ascii_digit()).parse::<usize>();
        let guides = deep.take_while(is_guide);
        if let Ok(level) = level
            && guides.chars().count() == 3
        {
            *cursor = deep;
            return columns + level.saturating_mul(2);
        }
    }
    columns
}

fn depth(cursor: &Cursor<'_>, columns: usize, base: usize, deepest: usize) -> Result<usize, TreeError> {
    let Some(columns) = columns.checked_sub(base) else {
        return Err(cursor.error(format!("at least the {base} spaces of the first line before a name")));
    };
    if !columns.is_multiple_of(2) || columns / 2 > deepest {
        let most = base + deepest * 2;
        return Err(cursor.error(format!("at most {most} spaces before a name, two more for each level")));
    }
    if columns / 2 > DEPTH_MAX {
        return Err(cursor.error(format!("at most {DEPTH_MAX} levels of spans")));
    }
    Ok(columns / 2)
}

fn nothing_more(cursor: &mut Cursor<'_>) -> Result<(), TreeError> {
    cursor.skip_spaces();
    if cursor.is_at_end() { Ok(()) } else { Err(cursor.error("the end of the line")) }
}

/// Gives spans that are told to the end to their parents, until so many are open.
fn close(above: &mut Vec<(Option<SpanExpectation>, Level)>, depth: usize) {
    while above.len() > depth + 1 {
        let Some((expected, children)) = above.pop() else { return };
        if let (Some(mut expected), Some((_, level))) = (expected, above.last_mut()) {
            if !children.items.is_empty() || children.or_more || children.in_order {
                expected = expected.with_level(children);
            }
            level.items.push(expected);
        }
    }
}
