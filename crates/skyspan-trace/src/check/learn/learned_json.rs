//! What was learned, for programs.

use std::collections::BTreeMap;

use serde::ser::{Serialize, Serializer};

use super::learned::Learned;
use super::noticed::KindScore;
use super::rule::{LearnedRule, Support};
use super::unnoticed::Unnoticed;
use crate::expect::MutationKind;
use crate::value::FormatVersion;

/// `{"version": 1, "traces": ..., "rules": [{"name", "text", "support": {"holds", "of"}, "noticed"}], "mutants": {"made", "noticed",
/// "within_seen"}, "kinds": {...}, "unnoticed": [{"what", "kind", "number", "is_within_seen", "line", "support"}], "rehearsed":
/// {"traces", "alarms"}}`.
impl Serialize for Learned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct LearnedJson<'a> {
            version: FormatVersion,
            traces: usize,
            rules: Vec<RuleJson<'a>>,
            mutants: KindScore,
            kinds: &'a BTreeMap<MutationKind, KindScore>,
            unnoticed: Vec<UnnoticedJson<'a>>,
            rehearsed: Rehearsed,
        }
        #[derive(serde::Serialize)]
        struct Rehearsed {
            traces: usize,
            alarms: usize,
        }
        LearnedJson {
            version: FormatVersion,
            traces: self.traces,
            rules: self.rules.iter().map(RuleJson::of).collect(),
            mutants: self.score(),
            kinds: &self.scores,
            unnoticed: self.unnoticed.iter().map(UnnoticedJson::of).collect(),
            rehearsed: Rehearsed { traces: self.rehearsal.traces, alarms: self.rehearsal.alarms },
        }
        .serialize(serializer)
    }
}

#[derive(serde::Serialize)]
struct RuleJson<'a> {
    name: &'a str,
    text: &'a str,
    support: Support,
    noticed: usize,
}

impl<'a> RuleJson<'a> {
    fn of(rule: &'a LearnedRule) -> Self {
        Self { name: &rule.name, text: &rule.text, support: rule.support, noticed: rule.noticed }
    }
}

#[derive(serde::Serialize)]
struct UnnoticedJson<'a> {
    what: &'a str,
    kind: MutationKind,
    number: usize,
    is_within_seen: bool,
    line: Option<&'a str>,
    support: Option<Support>,
}

impl<'a> UnnoticedJson<'a> {
    fn of(unnoticed: &'a Unnoticed) -> Self {
        Self {
            what: &unnoticed.what,
            kind: unnoticed.kind,
            number: unnoticed.number,
            is_within_seen: unnoticed.is_within_seen,
            line: unnoticed.line.as_deref(),
            support: unnoticed.support,
        }
    }
}
