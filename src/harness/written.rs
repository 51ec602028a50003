//! What came of plans, for serde.

use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::estimate::{AssetEstimate, CommandEstimate, DeviceEstimate, DocumentEstimate, Estimate};
use super::{Chronicle, Happening, Outcome};
use crate::clock::Timestamp;
use crate::document::Document;
use crate::engine::{ExitStatus, RunEngineState, TransitionError};
use crate::hardware::Calls;
use crate::message::{Msg, PlanError};
use crate::trace::Trace;
use crate::value::{FormatVersion, Map, Text, Value};
use skyspan_trace::internal::nanoseconds;

/// How it ended first, then all that it left: messages, documents, the trace, the chronicle where it is kept; see
/// [`json`](crate::json).
impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct OutcomeJson<'a> {
            version: FormatVersion,
            exit_status: ExitStatus,
            reason: &'a Text,
            exception: Option<&'a PlanError>,
            state: RunEngineState,
            interrupted: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            plan_result: Option<&'a Value>,
            run_start_uids: &'a [Text],
            cleanup_errors: &'a [Text],
            refused: Vec<Refused<'a>>,
            seed: u64,
            started: Timestamp,
            #[serde(serialize_with = "nanoseconds")]
            duration_ns: Duration,
            messages: &'a [Msg],
            documents: &'a [Document],
            trace: &'a Trace,
            #[serde(skip_serializing_if = "Option::is_none")]
            chronicle: Option<&'a Chronicle>,
        }
        let result = self.result();
        OutcomeJson {
            version: FormatVersion,
            exit_status: self.exit_status(),
            reason: &result.reason,
            exception: self.exception(),
            state: self.state(),
            interrupted: self.interrupted(),
            plan_result: self.plan_result(),
            run_start_uids: &result.run_start_uids,
            cleanup_errors: &result.cleanup_errors,
            refused: self.refused().iter().map(Refused).collect(),
            seed: self.seed(),
            started: self.started(),
            duration_ns: self.duration(),
            messages: self.messages(),
            documents: self.documents(),
            trace: self.trace(),
            chronicle: self.chronicle(),
        }
        .serialize(serializer)
    }
}

/// What was asked of the engine and did not go in its state.
struct Refused<'a>(&'a TransitionError);

impl Serialize for Refused<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut refused = serializer.serialize_struct("Refused", 3)?;
        refused.serialize_field("state", &self.0.state)?;
        refused.serialize_field("name", self.0.name())?;
        refused.serialize_field("message", &self.0.to_string())?;
        refused.end()
    }
}

/// The `call` that was made, if it was one; the last `error`; and whether it `is_success`.
#[cfg(feature = "plan-files")]
impl Serialize for super::ItemOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut item = serializer.serialize_struct("ItemOutcome", 4)?;
        item.serialize_field("version", &FormatVersion)?;
        item.serialize_field("is_success", &self.is_success())?;
        item.serialize_field("error", &self.error())?;
        item.serialize_field("call", &self.call())?;
        item.end()
    }
}

/// All `happenings` in order, and the `devices` with what was asked of each.
impl Serialize for Chronicle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct DeviceJson<'a> {
            device: &'a str,
            calls: CallsJson<'a>,
        }
        #[derive(serde::Serialize)]
        struct ChronicleJson<'a> {
            version: FormatVersion,
            happenings: &'a [Happening],
            devices: Vec<DeviceJson<'a>>,
        }
        let devices = self.devices().iter();
        ChronicleJson {
            version: FormatVersion,
            happenings: self.happenings(),
            devices: devices
                .map(|(device, calls)| DeviceJson { device: device.name(), calls: CallsJson(calls) })
                .collect(),
        }
        .serialize(serializer)
    }
}

struct CallsJson<'a>(&'a Calls);

impl Serialize for CallsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct CallJson {
            time: Timestamp,
            method: String,
            args: Vec<Value>,
            kwargs: Map,
        }
        serializer.collect_seq(self.0.all().into_iter().map(|call| CallJson {
            time: call.time,
            method: call.method.to_string(),
            args: call.args.positional,
            kwargs: call.args.keyword,
        }))
    }
}

/// As its fields, times in nanoseconds; `messages` and `document_bytes` are the sums.
impl Serialize for Estimate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct EstimateJson<'a> {
            version: FormatVersion,
            #[serde(serialize_with = "nanoseconds")]
            duration_ns: Duration,
            runs: u64,
            points: u64,
            messages: u64,
            document_bytes: u64,
            streams: Vec<StreamJson<'a>>,
            documents: &'a [DocumentEstimate],
            assets: &'a AssetEstimate,
            commands: &'a [CommandEstimate],
            devices: &'a [DeviceEstimate],
            #[serde(serialize_with = "nanoseconds")]
            apart_ns: Duration,
            failure: Option<&'a PlanError>,
        }
        #[derive(serde::Serialize)]
        struct StreamJson<'a> {
            name: &'a Text,
            events: u64,
        }
        EstimateJson {
            version: FormatVersion,
            duration_ns: self.duration,
            runs: self.runs,
            points: self.points,
            messages: self.messages(),
            document_bytes: self.document_bytes(),
            streams: self.streams.iter().map(|(name, events)| StreamJson { name, events: *events }).collect(),
            documents: &self.documents,
            assets: &self.assets,
            commands: &self.commands,
            devices: &self.devices,
            apart_ns: self.apart,
            failure: self.failure.as_ref(),
        }
        .serialize(serializer)
    }
}
