//! [`merge_learned`]: what was learned, put into a file that a person has written.

use std::collections::{BTreeMap, BTreeSet};

use super::learned::Learned;
use super::rule::{LearnedRule, mark_of};
use crate::check::CheckFile;
use crate::pad::one_line;
use crate::value::yaml::{Fields, Node, NodeValue, YamlError};

/// What a line begins with that stands above an entry which was learned.
const LEARNED: &str = "# learned ";
/// What a line begins with that names a rule nobody wants.
const REFUSED: &str = "# not wanted: ";

/// A check file into which rules were put that were learned.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MergedCheckFile {
    /// The whole text.
    pub text: String,
    /// The names of rules that were not there before.
    pub added: Vec<String>,
    /// Those that were there as they were learned before, and are another now.
    pub renewed: Vec<String>,
    /// Those that a person has written or changed, which stay as they are.
    pub kept: Vec<String>,
    /// Those that are not wanted, as a comment of the file says.
    pub refused: Vec<String>,
}

/// Puts rules into a check file, and leaves every line as it is that a person has written: rules are known by their names, and an
/// entry of that name stays as it is, unless it was learned and nobody has changed it since, which its comment tells. Names behind
/// `# not wanted: ` are left out. New rules come at the end.
///
/// ```
/// use skyspan_trace::check::{learn, merge_learned};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = || Trace::from_spans([Span::builder("run").build()]);
/// let written = "\
/// ## The run is what counts.
/// - name: 'run: how many'
///   spans: '{ name = \"run\" }'
///   count: 1..
/// ";
/// let merged = merge_learned(written, &learn(&[trace(), trace()])?)?;
/// assert!(merged.text.starts_with(written));
/// assert_eq!(merged.kept, ["run: how many"]);
/// assert!(merged.added.contains(&"run: where".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`YamlError`] if the text is no check file, or one whose list is not written an entry a line, as `[...]`.
pub fn merge_learned(text: &str, learned: &Learned) -> Result<MergedCheckFile, YamlError> {
    if text.trim().is_empty() {
        let added = learned.rules.iter().map(|rule| rule.name.to_string()).collect();
        let text = format!("{text}{learned}");
        return Ok(MergedCheckFile { text, added, renewed: Vec::new(), kept: Vec::new(), refused: Vec::new() });
    }
    CheckFile::parse(text)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let entries = entries(text, &lines)?;
    let refused: BTreeSet<&str> =
        lines.iter().filter_map(|line| line.trim().strip_prefix(REFUSED)).map(str::trim).collect();
    let rules: BTreeMap<&str, &LearnedRule> = learned.rules.iter().map(|rule| (&*rule.name, rule)).collect();
    let mut merged =
        MergedCheckFile { text: String::new(), added: vec![], renewed: vec![], kept: vec![], refused: vec![] };
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut next = 0;
    for entry in &entries {
        let Some((name, rule)) = entry.name.as_deref().and_then(|name| rules.get_key_value(name)) else { continue };
        if !done.insert(name) || entry.mark_line.is_none() {
            merged.kept.push((*name).to_owned());
            continue;
        }
        let from = entry.mark_line.unwrap_or(entry.from);
        let body: String = lines[entry.from..entry.to].concat();
        let unindented = unindented(&body, entry.indent);
        if entry.mark.as_deref() != Some(&*mark_of(&unindented)) {
            merged.kept.push((*name).to_owned());
            continue;
        }
        merged.text += &lines[next..from].concat();
        merged.text += &indented(&rule.with_comment(), entry.indent);
        next = entry.to;
        if rule.text.trim_end() != unindented.trim_end() {
            merged.renewed.push((*name).to_owned());
        }
    }
    let end = entries.last().map_or(lines.len(), |entry| entry.to);
    let indent = entries.last().map_or(0, |entry| entry.indent);
    merged.text += &lines[next..end].concat();
    if !merged.text.ends_with('\n') {
        merged.text.push('\n');
    }
    for rule in &learned.rules {
        if done.contains(&*rule.name) {
            continue;
        }
        if refused.contains(&*one_line(&rule.name)) {
            merged.refused.push(rule.name.to_string());
            continue;
        }
        merged.text += &indented(&rule.with_comment(), indent);
        merged.added.push(rule.name.to_string());
    }
    merged.text += &lines[end..].concat();
    Ok(merged)
}

impl MergedCheckFile {
    /// Notes at the end of the text that some rules are not wanted, so that they are not put in again.
    #[must_use]
    pub fn without(mut self, names: &[String]) -> Self {
        for name in names.iter().filter(|name| !self.refused.contains(name)) {
            // A name with a line feed would end the comment.
            self.text += &format!("{REFUSED}{}\n", one_line(name));
        }
        self.refused.extend(names.iter().cloned());
        self
    }
}

/// Where an entry stands in a file, by lines counted from 0.
struct Standing {
    name: Option<String>,
    indent: usize,
    from: usize,
    /// Behind its last line, blank lines and comments aside.
    to: usize,
    /// The line that says it was learned, right above it.
    mark_line: Option<usize>,
    mark: Option<String>,
}

fn entries(text: &str, lines: &[&str]) -> Result<Vec<Standing>, YamlError> {
    let node = Node::parse(text)?;
    let list = match &node.value {
        NodeValue::Sequence(list) => list,
        _ => Fields::any(&node, "a check file")?.need("expect")?.expect_list("a list of expectations")?,
    };
    let mut starts = Vec::new();
    for node in list {
        let line = node.position.line - 1;
        let indent = lines.get(line).map_or(0, |line| line.len() - line.trim_start().len());
        if !lines
            .get(line)
            .is_some_and(|line| line.trim_start().starts_with("- ") && node.position.column == indent + 3)
        {
            return Err(YamlError::new(
                node.position,
                "an entry on lines of its own, behind `- `",
                "another way to write it",
            )
            .with_help("write the list an entry a line, so that entries can be put between them"));
        }
        let name = Fields::any(node, "an expectation")?.text("name", "what the expectation is called")?;
        starts.push((name, indent, line));
    }
    let mut all = Vec::new();
    for (at, (name, indent, from)) in starts.iter().enumerate() {
        let before_next = starts.get(at + 1).map_or(lines.len(), |(_, _, next)| *next);
        // What is further to the left, or a comment above the next, is no part of it.
        let inner = |line: &str| !line.trim().is_empty() && line.len() - line.trim_start().len() > *indent;
        let rest = &lines[from + 1..before_next];
        let is_own = |line: &str| inner(line) && !line.trim_start().starts_with('#');
        let to = rest.iter().rposition(|line| is_own(line)).map_or(from + 1, |last| from + 2 + last);
        let mark_line = from.checked_sub(1).filter(|above| lines[*above].trim_start().starts_with(LEARNED));
        let mark = mark_line.and_then(|above| {
            let rest = lines[above].trim_start().strip_prefix(LEARNED)?;
            rest.split(':').next().map(|mark| mark.trim().to_owned())
        });
        all.push(Standing { name: name.clone(), indent: *indent, from: *from, to, mark_line, mark });
    }
    Ok(all)
}

fn indented(text: &str, indent: usize) -> String {
    let blank = " ".repeat(indent);
    text.lines().map(|line| format!("{blank}{line}\n")).collect()
}

fn unindented(text: &str, indent: usize) -> String {
    text.lines().map(|line| format!("{}\n", line.get(indent..).unwrap_or(line.trim_start()))).collect()
}
