//! The prelude goes together with the globs that tests and services have beside it.

mod together {
    #![expect(unused_imports, reason = "what is not used must not be in the way either")]

    pub(super) use anyhow::*;
    pub(super) use opentelemetry::trace::*;
    pub(super) use opentelemetry::*;
    pub(super) use proptest::prelude::*;
    pub(super) use skyspan::prelude::*;
    pub(super) use tokio::*;
}

/// Each name of the prelude, by a path that is ambiguous where another glob has the same name.
#[cfg(feature = "property")]
mod each_name {
    #![expect(unused_imports, reason = "that they can be imported is all")]

    use super::together::{
        Abort, BestEffortCallback, CallOptions, Capture, Decision, Device, DeviceError, Document, DocumentName,
        DocumentRouter, Duration, ExitStatus, Fail, Fault, GenericMsg, Harness, Law, LiveTable, Map, Method, Msg,
        Noise, OrFail, Outcome, PeakStats, Plan, PlanError, RunEngineSimulator, RunEngineState, Signal, SimDetector,
        SimMotor, SpanConvention, Stubs, Success, SynAxis, SynGauss, SynSignal, Text, Timestamp, Trace, all, any_span,
        assert_tree, at_least, at_most, at_once, every, exactly, faults, for_all, forest, glob, if_any, interruptions,
        laws, messages, ms, msg, none, ns, one, percentile, plan, plan_error, plans, preprocessors, secs, settings,
        share, shuffled_moments, some, span, total, us,
    };
}

#[test]
fn no_name_of_the_prelude_is_left_out_above() {
    let this = include_str!("globs.rs");
    let list = this.split_once("together::{").and_then(|(_, rest)| rest.split_once("};")).expect("a list").0;
    let listed: std::collections::BTreeSet<&str> =
        list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    for prelude in [include_str!("../../src/prelude.rs"), include_str!("../../crates/skyspan-trace/src/prelude.rs")] {
        let uses = prelude.split("pub use ").skip(1).map(|rest| rest.split_once(';').map_or(rest, |(path, _)| path));
        for path in uses.filter(|path| !path.ends_with("::*")) {
            let names =
                path.rsplit_once('{').map_or_else(|| path.rsplit("::").next().unwrap_or(path), |(_, names)| names);
            for name in names.split(',').map(|name| name.trim().trim_end_matches('}').trim()) {
                let is_listed = name == "self" || name.is_empty() || listed.contains(name);
                assert!(is_listed, "{name} is in the prelude, and not in the list above");
            }
        }
    }
}

#[test]
fn a_test_with_all_globs_is_written_as_one_with_none() {
    use together::*;

    let lab = Harness::new();
    let run = lab.run(plans::count(&lab.device("det"), 3));
    run.assert(every(any_span()).must(any_span().ended()));
    run.assert(one(span("Bluesky RunEngine run").exit_status(Success)));
    let (capture, attribute) = (Capture::new(), KeyValue::new("order", 7));
    let tracer = capture.provider().tracer("shop");
    tracer.span_builder("charge").with_attributes([attribute]).start(&tracer).end();
    capture.trace().assert(one(span("charge").attr("order", 7)));
}
