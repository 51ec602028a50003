//! What a search came by, for serde.

use serde::ser::{Serialize, Serializer};

use super::campaign_limits::Which;
use super::{CampaignEnd, CampaignResult, Counterexample, Coverage};
use crate::engine::RunEngineState;
use crate::trace::Trace;
use crate::value::{FormatVersion, Map, Text};

/// How often each command, change of state and law came, and which of them never did.
impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct CoverageJson<'a> {
            version: FormatVersion,
            cases: u64,
            messages: u64,
            commands: Map,
            commands_missed: Vec<&'static str>,
            transitions: Vec<TransitionJson<'a>>,
            transitions_missed: Vec<MissedJson>,
            laws: Vec<LawJson<'a>>,
        }
        #[derive(serde::Serialize)]
        struct TransitionJson<'a> {
            from: &'a Text,
            to: &'a Text,
            count: u64,
        }
        #[derive(serde::Serialize)]
        struct MissedJson {
            from: RunEngineState,
            to: RunEngineState,
        }
        #[derive(serde::Serialize)]
        struct LawJson<'a> {
            name: &'a Text,
            applied: u64,
            silent: u64,
        }
        let transitions = self.transitions.iter();
        let missed = self.transitions_missed().into_iter();
        let laws = self.laws.iter();
        CoverageJson {
            version: FormatVersion,
            cases: self.cases,
            messages: self.messages,
            commands: self.commands.iter().map(|(command, count)| (command, *count)).collect(),
            commands_missed: self.commands_missed().collect(),
            transitions: transitions.map(|((from, to), count)| TransitionJson { from, to, count: *count }).collect(),
            transitions_missed: missed.map(|(from, to)| MissedJson { from, to }).collect(),
            laws: laws.map(|(name, (applied, silent))| LawJson { name, applied: *applied, silent: *silent }).collect(),
        }
        .serialize(serializer)
    }
}

/// The seed, the `shard` or `case` where not all cases were meant, how it ended, the counterexample, and the coverage.
impl Serialize for CampaignResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct CampaignJson<'a> {
            version: FormatVersion,
            seed: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            shard: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            case: Option<u64>,
            end: CampaignEnd,
            holds: bool,
            counterexample: Option<&'a Counterexample>,
            coverage: &'a Coverage,
        }
        CampaignJson {
            version: FormatVersion,
            seed: self.seed,
            shard: match self.which {
                Which::Part(shard, _) if shard.of() > 1 => Some(shard.to_string()),
                Which::Part(..) | Which::One(_) => None,
            },
            case: match self.which {
                Which::One(number) => Some(number),
                Which::Part(..) => None,
            },
            end: self.end,
            holds: self.holds(),
            counterexample: self.counterexample.as_ref(),
            coverage: &self.coverage,
        }
        .serialize(serializer)
    }
}

/// The law that is broken, why, the case as text, as Rust code and as a plan file, and its trace.
impl Serialize for Counterexample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct CounterexampleJson<'a> {
            seed: u64,
            case: u64,
            law: Option<&'a Text>,
            why: &'a str,
            messages: usize,
            plan: &'a str,
            rust: &'a str,
            plan_file: Option<&'a str>,
            trace: &'a Trace,
        }
        CounterexampleJson {
            seed: self.seed(),
            case: self.case(),
            law: self.law(),
            why: self.why(),
            messages: self.messages(),
            plan: self.plan(),
            rust: self.rust(),
            plan_file: self.plan_file(),
            trace: self.trace(),
        }
        .serialize(serializer)
    }
}
