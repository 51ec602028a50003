//! What programs get from skyspan, and give to it, by serde. This page is documentation alone.
//!
//! How values, times and ids are written, what a `version` promises, and the shapes of spans and traces stand in
//! [`skyspan_trace::json`]. Here is what the harness adds.
//!
//! # What is taken
//!
//! Metadata, attributes and arguments are taken as `json!`. `json!` sorts its keys; a [`Map`](crate::value::Map)
//! keeps their order.
//!
//! ```
//! use serde_json::json;
//! use skyspan::prelude::*;
//!
//! let lab = Harness::builder().md(json!({"beamline": "7"})).resource(json!({"service.name": "beamline 7"})).build();
//! let scan = plans::scan(&lab.device("det"), &lab.device("motor"), 0, 5, 2).md(json!({"purpose": "alignment"}));
//! let run = lab.run_with(scan, json!({"sample": "A", "temperature": 4.2, "limit": "Infinity"}));
//!
//! run.assert(at_least(1, span("Ophyd Status").attr("target", json!(5.0))));
//! let start = serde_json::to_value(run.documents().first())?;
//! assert_eq!((&start["beamline"], &start["purpose"], &start["limit"]), (&json!("7"), &json!("alignment"), &json!("Infinity")));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Documents
//!
//! A [`Document`](crate::document::Document) is what event-model says it is, and nothing else, so that its `uid` is at the top.
//! It is read again by itself, or with its name: as a row `{"name": ..., "doc": {...}}` such as a
//! [`JsonLinesWriter`](crate::callbacks::JsonLinesWriter) and bluesky write, or as a pair of both. Times are floats of seconds there.
//!
//! # What came of a plan
//!
//! | type | keys |
//! |---|---|
//! | [`Outcome`](crate::harness::Outcome) | `version`, `exit_status`, `reason`, `exception`, `state`, `interrupted`, `plan_result` (if the plan came to its end), `run_start_uids`, `cleanup_errors`, `refused`, `seed`, `started`, `duration_ns`, `messages`, `documents`, `trace`, `chronicle` (where it is kept) |
//! | `ItemOutcome` | `version`, `is_success`, `error`, `call`: the outcome |
//! | an error | `{"name": "FailedStatus", "message": ...}`, the class of bluesky's exception |
//! | [`Msg`](crate::message::Msg) | `command`, `obj`, `args`, `kwargs`, `run`; devices by their names |
//! | [`Chronicle`](crate::harness::Chronicle) | `version`, `happenings`: each a `time` and a `message`, `status`, `failure`, `document` or `state` (`{"from": ..., "to": ...}`); `devices`: each a `device` and its `calls` (`time`, `method`, `args`, `kwargs`) |
//! | [`Status`](crate::device::Status) | `class`, `device`, `done`, `success`, `exception`, `elapsed_ns` |
//! | [`Estimate`](crate::harness::Estimate) | `version`, `duration_ns`, `runs`, `points`, `messages`, `document_bytes`, `streams`, `documents`, `assets`, `commands`, `devices`, `apart_ns`, `failure` |
//! | [`WhatIf`](crate::harness::WhatIf) | `version`, `duration_ns`, `is_success`, `alternatives`: each its `changes` (`device`, `option`, `from`, `to`), `duration_ns`, `is_success`, `then` |
//! | [`TortureMap`](crate::torture::TortureMap) | `version`, `is_well`, `undisturbed` (`exit_status`, `error`, `messages`, `documents`, `duration_ns`, `leftovers`), `homes`, `no_homes`, `troubles`, `findings` and `excused` (what no plan can help): each its `mark`, `text`, `cases`, `by_trouble`, `messages`, `first`; `messages`: each its `number`, `item`, `message`, `command`, `device`, `text`, `section`, `duration_ns`; `cases`: each its `case`, `troubles`, `order`, `verdict`, `leftovers`, `excused` (each its `excuse`, and the `leftover` where there is one), `hung`, `exit_status`, `error` |
//! | [`Tortured`](crate::torture::Tortured) | a case as there, with `version`, `happened` and `trace` |
//! | [`Chance`](crate::harness::Chance) | `version`, `seeds`, `succeeded`, `total_ns`, `min_ns`, `p50_ns`, `p95_ns`, `max_ns`, `slowest_seed`, `endings` |
//!
//! # What a recording shows
//!
//! | type | keys |
//! |---|---|
//! | [`Twin`](crate::twin::Twin) | `version`, `nights`, `left_out` (each its `name` and `reason`), `devices`: each its `name`, `class`, `parameters` (`name`, `value`, `error`, `unit`, `source`: `"fitted"`, `"configured"` or `"told"`, `statuses`), `untold`, `scatter_s`; `engine` (`resolution_ns`, `short_gaps`, `short_time_ns`, `naps`, `nap_time_ns`), `messages`, `inferred`, `untold` |
//! | [`TwinComparison`](crate::twin::TwinComparison) | `version`, `total` and `waits`: each `by`, `waits`, `night_ns`, `twin_ns`, `error_ns`; `is_success` |
//!
//! # What a search came by
//!
//! | type | keys |
//! |---|---|
//! | `Coverage` | `version`, `cases`, `messages`, `commands`, `commands_missed`, `transitions`, `transitions_missed`, `laws`: each its `name`, and how many cases it `applied` to and was `silent` about |
//! | `CampaignResult` | `version`, `seed`, `shard` or `case` (if not all cases were meant), `end` (`"complete"`, `"found"`, `"time_is_up"`, `"stopped"`), `holds`, `counterexample`, `coverage` |
//! | `Counterexample` | `seed`, `case`, `law`, `why`, `messages`, `plan`, `rust`, `plan_file`, `trace` |
