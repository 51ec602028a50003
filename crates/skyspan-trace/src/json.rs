//! What programs get from skyspan, and give to it: serde's JSON, and what its shapes promise. This page is documentation alone.
//!
//! Every type that reports something is [`Serialize`](serde::Serialize), and what can be read again is
//! [`Deserialize`](serde::Deserialize). Any format of serde will do; the shapes are made for JSON. Python's dialect of it, with
//! a bare `NaN`, has its own reader and writer in [`value`](crate::value).
//!
//! # Values
//!
//! | | in JSON |
//! |---|---|
//! | a float that is not finite | the string `"NaN"`, `"Infinity"` or `"-Infinity"`, as in protobuf's JSON; never `null` |
//! | an integer beyond 64 bits | the string of its digits |
//! | another float | with a decimal point or an exponent, so that `5.0` is not `5` |
//! | a [`Timestamp`](crate::value::Timestamp) | RFC 3339 in UTC with nine digits of fraction: `"2024-06-18T08:40:56.377673000Z"` |
//! | a duration | whole nanoseconds, in a key that ends in `_ns` |
//! | an id | `"0x"` and hexadecimal digits, as the console JSON has it |
//!
//! Those three strings are read as floats, wherever a [`Value`](crate::value::Value) is made of serde's JSON: by
//! `Deserialize`, and of `json!`. A string that reads `NaN` and is meant as one is given as `Value::from("NaN")`. Digits of an
//! integer beyond 64 bits stay a string. `serde_json::Value::try_from(value)` refuses what would not come back as it was, and
//! says where it is.
//!
//! A [`Map`](crate::value::Map) and the attributes of a span keep their order in a text; a `serde_json::Value` sorts its keys, as
//! `json!` does. Where order matters, take a `Map`, and `serde_json::to_string`. Expectations do not care for the order of keys.
//!
//! # Versions
//!
//! What stands alone, in a file or behind `--json`, begins with `"version": 1`
//! ([`FormatVersion`](crate::value::FormatVersion)). Within a version keys may come, none goes, and none changes its meaning;
//! so a reader passes over what it does not know.
//!
//! # Spans and traces
//!
//! A [`Trace`](crate::trace::Trace) is `{"version": 1, "spans": [...]}`, in order of arrival. A [`Span`](crate::trace::Span):
//!
//! | key | |
//! |---|---|
//! | `name` | |
//! | `trace_id`, `span_id` | |
//! | `parent_id` | `null` without one |
//! | `kind` | `"INTERNAL"`, `"SERVER"`, `"CLIENT"`, `"PRODUCER"`, `"CONSUMER"`; `"UNSPECIFIED"` where it is not known |
//! | `status` | `{"code": "UNSET"}`, `{"code": "OK"}`, `{"code": "ERROR", "description": "beam lost"}` |
//! | `start`, `end` | times; `start` is `null` where nobody knows it, and `end` while it is open |
//! | `duration_ns` | `null` without one of them, below zero if it ended before it started; not read, as it follows from the times |
//! | `attributes` | a map, in order |
//! | `events` | `[{"name": ..., "timestamp": ..., "attributes": {...}}]` |
//! | `links` | `[{"trace_id": ..., "span_id": ..., "flags": ..., "trace_state": ..., "attributes": {...}}]` |
//! | `flags` | as OTLP has them |
//! | `trace_state` | as in the header `tracestate` |
//! | `dropped_attributes`, `dropped_events`, `dropped_links` | how many the SDK dropped |
//! | `scope` | `{"name": ..., "version": ..., "schema_url": ..., "attributes": {...}}` |
//! | `resource` | `{"attributes": {...}, "schema_url": ...}` |
//! | `start_order` | how many spans its capture had seen start, which orders spans that start together |
//!
//! The keys up to `attributes` are always there. The others are left out where there is nothing to say, and so are the parts of
//! a scope, a resource or a link. A reader wants `name`, `trace_id` and `span_id`; an id may come without `0x`.
//!
//! Ids and times have a key of their own each, so that a snapshot redacts them where they change:
//!
//! ```
//! use serde_json::json;
//! use skyspan_trace::trace::{Event, Span, Trace};
//! use skyspan_trace::value::Timestamp;
//!
//! let at = Timestamp::from_unix_ns;
//! let trace = Trace::from_spans([
//!     Span::builder("set")
//!         .trace_id(1)
//!         .span_id(2)
//!         .start(at(1_000))
//!         .end(at(3_000))
//!         .attributes(json!({"device": "motor", "target": "NaN"}))
//!         .event(Event::new("stalled", at(2_000)))
//!         .build(),
//! ]);
//! assert_eq!(serde_json::to_value(&trace)?, json!({
//!     "version": 1,
//!     "spans": [{
//!         "name": "set",
//!         "trace_id": "0x00000000000000000000000000000001",
//!         "span_id": "0x0000000000000002",
//!         "parent_id": null,
//!         "kind": "INTERNAL",
//!         "status": {"code": "UNSET"},
//!         "start": "1970-01-01T00:00:00.000001000Z",
//!         "end": "1970-01-01T00:00:00.000003000Z",
//!         "duration_ns": 2_000,
//!         "attributes": {"device": "motor", "target": "NaN"},
//!         "events": [{"name": "stalled", "timestamp": "1970-01-01T00:00:00.000002000Z", "attributes": {}}],
//!     }],
//! }));
//! // It is the float, and not the string.
//! assert!(trace.spans().all(|span| span.attr("target").and_then(|target| target.as_f64()).is_some_and(f64::is_nan)));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # What is said of traces
//!
//! | type | top-level keys |
//! |---|---|
//! | [`Mismatch`](crate::expect::Mismatch) | `version`, `headline`, `clues`, `span_count`, `failures`, `report` |
//! | [`Strength`](crate::expect::Strength) | `version`, `share`, `noticed`, `made`, `possible`, `kinds`, `survivors` |
//! | [`Score`](crate::expect::Score) | `noticed`, `made` |
//! | [`Statistics`](crate::compare::Statistics) | `version`, `start`, `duration_ns`, `spans`, `groups`, `sections`, `runs`, `held`, `between`, `waits`; what is counted in nanoseconds ends in `_ns` |
//! | [`TraceDiff`](crate::compare::TraceDiff) | `version`, `differs`, `before`, `after`, `pairs`, `structure`, `attributes`, `times`, `effects` |
//! | [`Defect`](crate::trace::Defect) | its `kind`, as `"orphan"`, and its fields; a span as `name`, `trace_id`, `span_id` |
