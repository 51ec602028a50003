//! [`BlessFile`]: the check file that describes a trace.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::documents::{counts_of_names, counts_of_streams};
use crate::expect::{is_volatile_value, name_or_glob};
use crate::trace::{
    Redaction, SpanRef, Status, Trace, drawn_key, drawn_name, exact_duration, is_bare_word, is_telling, name_in_repr,
};
use crate::value::{Value, to_json};

/// A trace that is deeper has no tree in its check file.
const DEPTH_MAX: usize = 100;
/// So many lines of a tree at most; a longer one would not be read.
const TREE_LINES_MAX: usize = 300;
/// So many kinds of spans have their durations said.
const KINDS_MAX: usize = 40;
const RUN: &str = "Bluesky RunEngine run";

/// The check file that describes a trace. Made by [`bless_file`]; its `Display` is the file.
#[derive(Clone, Debug)]
#[must_use = "it is only written when it is displayed"]
pub struct BlessFile<'t> {
    trace: &'t Trace,
    documents: Option<&'t [Value]>,
    /// How much longer or shorter something may take, as a part of 1; nothing where times are not said.
    times: Option<f64>,
    exact: bool,
    all_attributes: bool,
}

/// The check file that describes a trace, for somebody to look through: how its runs ended, how long it and each kind of span take,
/// how many failed, and its tree.
///
/// It is loose: durations may be a fifth longer or shorter, numbers with a fraction are not told, nor what is another with every
/// run, such as ids and times; of bluesky's spans the telling attributes are said. It holds for the trace itself.
///
/// ```
/// use skyspan_trace::check::{CheckFile, bless_file};
/// use skyspan_trace::trace::{Span, Trace};
/// use skyspan_trace::value::Timestamp;
///
/// let trace: Trace = (1..=3)
///     .map(|id: u64| Span::builder("move").trace_id(u128::from(id)).span_id(id).end(Timestamp::from_unix_ns(2_000_000_000)).build())
///     .collect();
/// let text = bless_file(&trace).to_string();
/// assert_eq!(text, r#"
/// version: 1
/// expect:
/// - duration: 2 s ± 20 %
/// - spans: '{ status = error }'
///   count: 0
/// - spans: '{ name = "move" }'
///   each: {duration: 2 s ± 20 %}
/// - tree: |
///     move {3}
/// "#.trim_start());
/// trace.assert(CheckFile::parse(&text)?);
/// # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
/// ```
pub fn bless_file(trace: &Trace) -> BlessFile<'_> {
    BlessFile { trace, documents: None, times: Some(0.2), exact: false, all_attributes: false }
}

impl<'t> BlessFile<'t> {
    /// The documents are described too: each is a pair of its name and its fields.
    pub fn documents(self, documents: &'t [Value]) -> Self {
        Self { documents: Some(documents), ..self }
    }

    /// Durations may be longer or shorter by this part of 1; by 0 they are exact.
    ///
    /// # Panics
    ///
    /// If it is negative, or not finite.
    #[track_caller]
    pub fn times(self, tolerance: f64) -> Self {
        assert!(tolerance.is_finite() && tolerance >= 0.0, "a tolerance is a part of 1, and this is {tolerance}");
        Self { times: Some(tolerance), ..self }
    }

    /// Durations are not said.
    pub fn without_times(self) -> Self {
        Self { times: None, ..self }
    }

    /// Numbers with a fraction are said, to the last digit.
    pub fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// All attributes of bluesky's spans are said, and not the telling ones alone, those that a drawing has.
    pub fn all_attributes(self) -> Self {
        Self { all_attributes: true, ..self }
    }

    fn exit_statuses(&self, out: &mut String) {
        let mut statuses: Vec<String> = self.trace.named(RUN).filter_map(exit_status).collect();
        let number = statuses.len();
        if number == 0 || number < self.trace.named(RUN).len() {
            return;
        }
        statuses.sort_unstable();
        statuses.dedup();
        // Writing to a String cannot fail.
        let _ = match statuses.as_slice() {
            [one] => writeln!(out, "- exit_status: {one}"),
            several => writeln!(out, "- exit_status: {{one_of: [{}]}}", several.join(", ")),
        };
    }

    fn duration(&self, out: &mut String) {
        let start = self.trace.spans().map(|span| span.start()).min();
        let end = self.trace.spans().filter_map(|span| span.end()).max();
        let (Some(tolerance), Some(start), Some(end), 0) = (self.times, start, end, self.trace.unended().count())
        else {
            return;
        };
        let ns = end.signed_ns_since(start);
        if ns > 0 {
            let _ = writeln!(out, "- duration: {}", around(ns, ns, tolerance));
        }
    }

    fn errors(&self, out: &mut String) {
        let is_error = |span: &SpanRef<'_>| matches!(span.status(), Status::Error { .. });
        let number = self.trace.spans().filter(is_error).count();
        let _ = writeln!(out, "- spans: '{{ status = error }}'\n  count: {number}");
    }

    /// How long the spans of each name and device take, where it is any time.
    fn kinds(&self, out: &mut String) {
        let Some(tolerance) = self.times else { return };
        let mut kinds: BTreeMap<(String, Option<String>), (i128, i128)> = BTreeMap::new();
        let mut unknown = Vec::new();
        for span in self.trace.spans() {
            let device = span.attr("device_name").and_then(|name| name.as_str().map(str::to_owned));
            let kind = (span.name().to_owned(), device);
            match span.signed_duration_ns() {
                Some(ns) if ns >= 0 => {
                    let (least, most) = kinds.entry(kind).or_insert((ns, ns));
                    (*least, *most) = (ns.min(*least), ns.max(*most));
                }
                _ => unknown.push(kind),
            }
        }
        let told = kinds.into_iter().filter(|(kind, (_, most))| {
            let is_stable =
                name_or_glob(&kind.0).is_none() && kind.1.as_deref().is_none_or(|name| name_or_glob(name).is_none());
            *most > 0 && is_stable && !unknown.contains(kind)
        });
        for ((name, device), (least, most)) in told.take(KINDS_MAX) {
            let device = device.map(|device| format!(" && span.device_name = {}", quoted(&device))).unwrap_or_default();
            let query = format!("{{ name = {}{device} }}", quoted(&name));
            let _ = writeln!(out, "- spans: {}", in_yaml(&query));
            let _ = writeln!(out, "  each: {{duration: {}}}", around(least, most, tolerance));
        }
    }

    fn documents_of(&self, out: &mut String) {
        let Some(documents) = self.documents else { return };
        let names = counts_of_names(documents);
        if names.is_empty() {
            return;
        }
        let _ = writeln!(out, "- documents:");
        for (name, number) in names {
            let _ = writeln!(out, "    {name}: {number}");
        }
        let streams = counts_of_streams(documents);
        if !streams.is_empty() {
            let _ = writeln!(out, "    streams:");
            for (name, number) in streams {
                let _ = writeln!(out, "      {}: {number}", quoted(&name));
            }
        }
    }

    fn tree(&self, out: &mut String) {
        if self.trace.spans().any(|span| span.depth() > DEPTH_MAX) {
            let _ = writeln!(out, "# its tree is more than {DEPTH_MAX} levels deep, and is left out");
            return;
        }
        let roots: Vec<SpanRef<'_>> = self.trace.roots().collect();
        if roots.is_empty() {
            let _ = writeln!(out, "- spans: '{{}}'\n  count: 0");
            return;
        }
        let lines = self.level(&roots);
        if lines.len() > TREE_LINES_MAX {
            let _ = writeln!(out, "# its tree has {} different lines, and is left out", lines.len());
            let _ = writeln!(out, "- spans: '{{}}'\n  count: {}", self.trace.len());
            return;
        }
        let _ = writeln!(out, "- tree: |");
        for line in lines {
            let _ = writeln!(out, "    {line}");
        }
    }

    /// Siblings, those that read alike as one with their number.
    fn level(&self, siblings: &[SpanRef<'_>]) -> Vec<String> {
        let mut kinds: Vec<(Vec<String>, usize)> = Vec::new();
        let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for span in siblings {
            let lines = self.node(*span);
            match places.get(&lines) {
                Some(at) => kinds[*at].1 += 1,
                None => {
                    places.insert(lines.clone(), kinds.len());
                    kinds.push((lines, 1));
                }
            }
        }
        let numbered = kinds.into_iter().flat_map(|(mut lines, number)| {
            if let Some(first) = lines.first_mut() {
                *first = match (number, first.split_once('\0')) {
                    (1, Some((name, rest))) => format!("{name}{rest}"),
                    (_, Some((name, rest))) => format!("{name} {{{number}}}{rest}"),
                    (_, None) => std::mem::take(first),
                };
            }
            lines
        });
        numbered.collect()
    }

    /// A span and all below it; behind its name a NUL, where its number goes.
    fn node(&self, span: SpanRef<'_>) -> Vec<String> {
        let name = name_or_glob(span.name()).unwrap_or_else(|| drawn_name(span.name()).into_owned());
        let mut line = format!("{name}\0");
        let mut attributes = String::new();
        if span.end().is_none() {
            attributes.push_str(" open");
        }
        let told = |key: &str| self.all_attributes || is_telling(span.span(), key);
        for (key, value) in span.span().attributes().iter().filter(|(key, _)| told(key)) {
            let _ = write!(attributes, " {}={}", drawn_key(key), self.value(key, value));
        }
        if !attributes.is_empty() {
            line.push(' ');
            line.push_str(&attributes);
        }
        let below = self.level(&span.children().collect::<Vec<_>>());
        std::iter::once(line).chain(below.into_iter().map(|line| format!("  {line}"))).collect()
    }

    /// A value as a tree has it; `*` for what is another with every run, for secrets, and for what is not said.
    fn value(&self, key: &str, value: &Value) -> String {
        let is_secret = || Redaction::new().entry(key, value).is_some();
        if is_secret() || is_volatile_value(key, value) || (!self.exact && has_fraction(value)) {
            return "*".to_owned();
        }
        if key == "msg.obj"
            && let Some(name) = value.as_str().and_then(name_in_repr).filter(|name| is_bare_word(name))
        {
            return name.to_owned();
        }
        // There, this character cuts a value.
        to_json(value).replace('…', "\\u2026")
    }
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Float(_) => true,
        Value::Array(elements) => elements.iter().any(has_fraction),
        Value::Map(map) => map.iter().any(|(_, value)| has_fraction(value)),
        _ => false,
    }
}

/// How a run ended, as its RunStop document has it.
fn exit_status(run: SpanRef<'_>) -> Option<String> {
    run.end()?;
    match run.attr("exit_status") {
        None | Some(Value::Null) => Some("success".to_owned()),
        Some(Value::Str(word)) => match word.as_str() {
            "None" => Some("success".to_owned()),
            "aborted" => Some("abort".to_owned()),
            word if super::entry::EXIT_STATUSES.contains(&word) => Some(word.to_owned()),
            _ => None,
        },
        Some(_) => None,
    }
}

/// From one duration to another, each looser by a part of 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a tolerance is a rounded one")]
fn around(least_ns: i128, most_ns: i128, tolerance: f64) -> String {
    if tolerance == 0.0 {
        return match least_ns == most_ns {
            true => exact_duration(least_ns),
            false => format!("{}..={}", exact_duration(least_ns), exact_duration(most_ns)),
        };
    }
    if least_ns == most_ns {
        let percent = format!("{:.3}", tolerance * 100.0);
        return format!("{} ± {} %", exact_duration(least_ns), percent.trim_end_matches('0').trim_end_matches('.'));
    }
    // Three digits are as exact as a tolerance is.
    let digits = |ns: f64| 10_f64.powf((ns.max(1.0).log10().floor() - 2.0).max(0.0));
    let least = (least_ns as f64 * (1.0 - tolerance).max(0.0)).max(0.0);
    let most = most_ns as f64 * (1.0 + tolerance);
    let (least, most) = ((least / digits(least)).floor() * digits(least), (most / digits(most)).ceil() * digits(most));
    format!("{}..={}", exact_duration(least as i128), exact_duration(most as i128))
}

/// A string of TraceQL, and of YAML in double quotes.
fn quoted(text: &str) -> String {
    to_json(&Value::from(text))
}

/// A text in the single quotes of YAML.
fn in_yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl fmt::Display for BlessFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::from("version: 1\nexpect:\n");
        self.exit_statuses(&mut out);
        self.duration(&mut out);
        self.documents_of(&mut out);
        self.errors(&mut out);
        self.kinds(&mut out);
        self.tree(&mut out);
        f.write_str(&out)
    }
}
