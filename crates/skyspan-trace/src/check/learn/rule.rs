//! [`LearnedRule`]: one entry of the check file that was learned.

use super::clauses::{Clause, Said};
use super::event_clauses::EventsSaid;
use super::yaml_text::{in_quotes, word};
use crate::value::Text;

/// In how many of the traces that it is about a rule holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "they are what they say")]
#[non_exhaustive]
pub struct Support {
    pub holds: usize,
    pub of: usize,
}

/// One entry of the check file that was learned.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LearnedRule {
    /// What it is called, and by what it is found again in a file: `charge: how many`.
    pub name: Text,
    /// The entry as it stands in the file, with a line feed at its end.
    pub text: String,
    /// In how many traces it holds, of those that have such spans.
    pub support: Support,
    /// How many mutants of the traces it notices.
    pub noticed: usize,
}

impl LearnedRule {
    /// The entry with what is known of it in a comment above.
    pub(super) fn with_comment(&self) -> String {
        let Support { holds, of } = self.support;
        let mutants = if self.noticed == 1 { "1 mutant".to_owned() } else { format!("{} mutants", self.noticed) };
        format!("# learned {}: in {holds} of {of}, notices {mutants}\n{}", mark_of(&self.text), self.text)
    }
}

/// What tells an entry that nobody has touched since it was written: a checksum of its text (FNV-1a).
pub(super) fn mark_of(text: &str) -> String {
    let hash = text
        .trim_end()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:06x}", (hash ^ (hash >> 24)) & 0xff_ffff)
}

/// The entry that says all of some clauses, which are of one rule.
pub(super) fn entry_of(clauses: &[&Clause]) -> String {
    let Some(first) = clauses.first() else { return String::new() };
    let mut out = format!("- name: {}\n  spans: {}\n", word(&first.rule), in_quotes(&first.query));
    if first.or_none && clauses.iter().any(|clause| !matches!(clause.said, Said::Count(_))) {
        out += "  or_none: true\n";
    }
    for clause in clauses {
        match &clause.said {
            Said::Count(number) => out += &format!("  count: {number}\n"),
            Said::Order(other) => out += &format!("  before: {}\n", in_quotes(other)),
            Said::Each(..) | Said::Attribute(..) | Said::Resource(..) | Said::Events(_) => {}
        }
    }
    let lines = |of: fn(&Said) -> Option<String>| -> Vec<String> {
        clauses.iter().filter_map(|clause| of(&clause.said)).collect()
    };
    let mut each = lines(|said| match said {
        Said::Each(key, said) => Some(format!("{key}: {said}")),
        _ => None,
    });
    let events: Vec<&EventsSaid> = clauses
        .iter()
        .filter_map(|clause| match &clause.said {
            Said::Events(events) => Some(events),
            _ => None,
        })
        .collect();
    each.extend(EventsSaid::together(&events).map(|said| format!("events: {said}")));
    let attributes = lines(|said| match said {
        Said::Attribute(key, said) => Some(format!("{}: {said}", word(key))),
        _ => None,
    });
    let resource = lines(|said| match said {
        Said::Resource(key, said) => Some(format!("{}: {said}", word(key))),
        _ => None,
    });
    if attributes.is_empty() && resource.is_empty() && each.len() == 1 {
        out += &format!("  each: {{{}}}\n", each[0]);
        return out;
    }
    if !attributes.is_empty() || !resource.is_empty() || !each.is_empty() {
        out += "  each:\n";
        each.iter().for_each(|line| out += &format!("    {line}\n"));
    }
    for (key, lines) in [("attributes", attributes), ("resource", resource)] {
        if !lines.is_empty() {
            out += &format!("    {key}:\n");
            lines.iter().for_each(|line| out += &format!("      {line}\n"));
        }
    }
    out
}

/// A clause as an entry of one line.
pub(super) fn line_of(clause: &Clause) -> String {
    let or_none = if clause.or_none && !matches!(clause.said, Said::Count(_)) { ", or_none: true" } else { "" };
    let said = match &clause.said {
        Said::Count(number) => format!("count: {number}"),
        Said::Order(other) => format!("before: {}", in_quotes(other)),
        Said::Each(key, said) => format!("each: {{{key}: {said}}}"),
        Said::Attribute(key, said) => format!("each: {{attributes: {{{}: {said}}}}}", word(key)),
        Said::Resource(key, said) => format!("each: {{resource: {{{}: {said}}}}}", word(key)),
        Said::Events(events) => format!("each: {{events: {events}}}"),
    };
    format!("- {{spans: {}{or_none}, {said}}}", in_quotes(&clause.query))
}
