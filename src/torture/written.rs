//! What came of all cases, for serde.

use serde::ser::{Serialize, Serializer};

use super::finding::Finding;
use super::home::{KnownHome, NoHome};
use super::map::UndisturbedEnd;
use super::message_row::MessageRow;
use super::{Aftermath, CaseId, TortureMap, Tortured, Trouble};
use crate::trace::Trace;
use crate::value::FormatVersion;

/// A case, and what came of it.
#[derive(serde::Serialize)]
struct CaseJson<'a> {
    case: &'a CaseId,
    troubles: Vec<TroubleJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<u64>,
    #[serde(flatten)]
    aftermath: &'a Aftermath,
}

#[derive(serde::Serialize)]
struct TroubleJson {
    message: u64,
    trouble: Trouble,
}

impl<'a> CaseJson<'a> {
    fn new(case: &'a CaseId, aftermath: &'a Aftermath) -> Self {
        let troubles = case.troubles().map(|(message, trouble)| TroubleJson { message, trouble }).collect();
        Self { case, troubles, order: case.order, aftermath }
    }
}

/// How the undisturbed run ended, where devices have to be, what was found, the messages, and all cases; see [`json`](crate::json).
impl Serialize for TortureMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct MapJson<'a> {
            version: FormatVersion,
            is_well: bool,
            undisturbed: &'a UndisturbedEnd,
            homes: &'a [KnownHome],
            no_homes: &'a [NoHome],
            troubles: &'a [Trouble],
            findings: &'a [Finding],
            excused: &'a [Finding],
            messages: &'a [MessageRow],
            cases: Vec<CaseJson<'a>>,
        }
        MapJson {
            version: FormatVersion,
            is_well: self.is_well(),
            undisturbed: &self.undisturbed,
            homes: &self.homes,
            no_homes: &self.no_homes,
            troubles: &self.troubles,
            findings: &self.findings,
            excused: &self.excused,
            messages: &self.rows,
            cases: self.cases.iter().map(|(case, aftermath)| CaseJson::new(case, aftermath)).collect(),
        }
        .serialize(serializer)
    }
}

/// The case and what came of it, with its trace.
impl Serialize for Tortured {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct TorturedJson<'a> {
            version: FormatVersion,
            happened: &'a str,
            #[serde(flatten)]
            case: CaseJson<'a>,
            trace: &'a Trace,
        }
        TorturedJson {
            version: FormatVersion,
            happened: &self.happened,
            case: CaseJson::new(&self.case, &self.aftermath),
            trace: self.trace(),
        }
        .serialize(serializer)
    }
}
