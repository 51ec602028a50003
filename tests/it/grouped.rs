//! The loose spans of bluesky's convention, grouped by run, are the tree of the nested convention.

use skyspan::engine::SpanConvention;
use skyspan::plan::{Plan, plan};
use skyspan::prelude::*;
use skyspan::trace::{SpanRef, Trace};
use skyspan::value::Map;

/// The spans that only the nested convention has.
const ONLY_NESTED: [&str; 6] = ["kickoff", "trigger", "read", "stage", "unstage", "sleep"];

/// The names of a trace, a line each, without the spans that only the nested convention has; what is below one of these is in its
/// place. Siblings that started together are in the order of their names, as nothing tells which was first.
fn outline(trace: &Trace) -> String {
    fn below<'a>(spans: impl Iterator<Item = SpanRef<'a>>, depth: usize, out: &mut Vec<(u64, String)>) {
        for span in spans {
            let command = span.name().strip_prefix("Bluesky RunEngine ").unwrap_or_default();
            if ONLY_NESTED.contains(&command) {
                below(span.children(), depth, out);
                continue;
            }
            let mut inner = Vec::new();
            below(span.children(), depth + 1, &mut inner);
            inner.sort();
            let lines: String = inner.into_iter().map(|(_, lines)| lines).collect();
            out.push((span.start().unix_ns(), format!("{}{}\n{lines}", "  ".repeat(depth), span.name())));
        }
    }
    let mut out = Vec::new();
    below(trace.roots(), 0, &mut out);
    out.sort();
    out.into_iter().map(|(_, lines)| lines).collect()
}

/// A plan, made anew for each of its runs.
type MakePlan = fn(&Harness) -> Plan;

fn trace_of(convention: SpanConvention, make: MakePlan) -> Trace {
    let lab = Harness::builder().convention(convention).build();
    let plan = make(&lab);
    lab.run(plan).trace().clone()
}

#[track_caller]
fn is_the_nested_tree(make: MakePlan) {
    let loose = trace_of(SpanConvention::Bluesky, make);
    let nested = trace_of(SpanConvention::Nested, make);
    let grouped = loose.grouped_by_run();
    assert!(grouped.undecided.is_empty(), "{:?}", grouped.undecided);
    assert_eq!(outline(&grouped.trace), outline(&nested));
    assert!(loose.roots().len() > grouped.trace.roots().len());
    // The same of what was written to a file, where nobody knows what started first.
    let file = Trace::from_console_json(&loose.to_console_json()).expect("it is read again").grouped_by_run();
    assert_eq!(file.trace.roots().len(), grouped.trace.roots().len());
}

#[test]
fn a_scan_is_one_tree() {
    is_the_nested_tree(|lab| plans::scan(&lab.device("det"), &lab.device("motor"), 0.0, 4.0, 5).into());
}

#[test]
fn runs_one_after_the_other_are_a_tree_each() {
    is_the_nested_tree(|lab| {
        let (det, motor) = (lab.device("det"), lab.device("motor"));
        plan(async move |p| {
            for _ in 0..3 {
                p.run(plans::scan(&det, &motor, 0.0, 2.0, 3)).await?;
                p.sleep(1.0).await?;
            }
            p.mv(&motor, 5).await
        })
    });
}

#[test]
fn what_starts_in_a_plan_of_the_run_is_below_the_span_of_the_plan() {
    is_the_nested_tree(|lab| {
        let (det, motor) = (lab.device("det"), lab.device("motor"));
        let align = plan(async move |p| {
            p.mv(&motor, 1).await?;
            p.trigger_and_read(&det, "primary").await?;
            p.sleep(1.0).await?;
            p.mv(&motor, 2).await
        });
        preprocessors::run_wrapper(preprocessors::trace_plan("align", align), Map::new())
    });
}
