//! What differs between traces.

use std::time::Duration;

use serde_json::json;
use skyspan_trace::compare::{DiffOptions, StructureChange, TimeVerdict, TraceDiff};
use skyspan_trace::expect::glob;
use skyspan_trace::seed::Seed;
use skyspan_trace::trace::{Event, Span, SpanBuilder, Status, Trace};
use skyspan_trace::value::Timestamp;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A trace of the lines of a text: indented by two blanks below their parents, each a name, perhaps `key=value`, and perhaps how
/// many milliseconds it takes. Children follow one another; a parent takes as long as they do, and a millisecond more.
fn trace(text: &str) -> Trace {
    let mut spans: Vec<(usize, SpanBuilder, u64)> = Vec::new();
    let mut above: Vec<u64> = Vec::new();
    for (line, id) in text.lines().filter(|line| !line.trim().is_empty()).zip(1_u64..) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let mut words = line.split_whitespace();
        let mut span = Span::builder(words.next().unwrap_or_default()).trace_id(1).span_id(id);
        let mut took = 0;
        for word in words {
            match (word.split_once('='), word.strip_suffix("ms")) {
                (Some(("status", _)), _) => span = span.status(Status::error("failed")),
                (Some(("event", name)), _) => span = span.event(Event::new(name.to_owned(), Timestamp::EPOCH)),
                (Some((key, value)), _) => span = span.attribute(key.to_owned(), value),
                (None, Some(ms)) => took = ms.parse().expect("a number"),
                _ => panic!("{word}"),
            }
        }
        above.truncate(depth);
        span = above.last().into_iter().fold(span, |span, parent| span.parent_id(*parent));
        above.push(id);
        spans.push((depth, span, took));
    }
    let mut now = 1_000;
    let mut open: Vec<(usize, SpanBuilder, u64)> = Vec::new();
    let mut done = Vec::new();
    let at = |ms: u64| Timestamp::from_unix_ns(ms * 1_000_000);
    let mut close = |open: &mut Vec<(usize, SpanBuilder, u64)>, depth: usize, now: &mut u64| {
        while open.last().is_some_and(|(at, ..)| *at >= depth) {
            let (_, span, from) = open.pop().expect("it is open");
            *now += 1;
            done.push(span.start(at(from)).end(at(*now)).build());
        }
    };
    for (depth, span, took) in spans {
        close(&mut open, depth, &mut now);
        open.push((depth, span, now));
        now += took;
    }
    close(&mut open, 0, &mut now);
    Trace::from_spans(done)
}

/// What is gone, new, moved and renamed, as words.
fn structure(diff: &TraceDiff) -> Vec<String> {
    let shown = |change: &StructureChange| match change {
        StructureChange::Removed { span, spans, .. } => format!("- {} {spans}", span.name),
        StructureChange::Added { span, spans, .. } => format!("+ {} {spans}", span.name),
        StructureChange::Moved { before, from, to, .. } => {
            let name = |span: &Option<skyspan_trace::trace::SpanLabel>| {
                span.as_ref().map_or("top".to_owned(), |it| it.name.to_string())
            };
            format!("> {} from {} to {}", before.name, name(from), name(to))
        }
        StructureChange::Renamed { before, after } => format!("~ {} {}", before.name, after.name),
        other => format!("{other:?}"),
    };
    diff.structure.iter().map(shown).collect()
}

/// Each attribute that differs, as `name.key before after`.
fn attributes(diff: &TraceDiff) -> Vec<String> {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    diff.attributes
        .iter()
        .map(|it| format!("{}.{} {} → {}, {}", it.name, it.key, shown(&it.before), shown(&it.after), it.pairs))
        .collect()
}

const SCAN: &str = "
scan
  open run=7
  move target=1 500ms
  expose 300ms
  move target=2 500ms
  expose 300ms
  close
";

#[test]
fn a_trace_does_not_differ_from_itself() {
    let diff = trace(SCAN).diff(&trace(SCAN));
    assert!(!diff.differs);
    assert_eq!((diff.pairs, diff.structure.len(), diff.attributes.len()), (7, 0, 0));
    assert!(diff.times.iter().all(|change| change.verdict == TimeVerdict::Same));
    assert_eq!(diff.to_string(), "1.61 s → 1.61 s\n\n7 pairs of spans, no difference that counts\n");
    let nothing = Trace::default().diff(&Trace::default());
    assert!(!nothing.differs, "{nothing}");
}

#[test]
fn what_is_gone_and_new_is_named_with_what_is_below_it() {
    let diff = trace(SCAN).diff(&trace(&SCAN.replacen("  expose 300ms\n", "", 1)));
    assert_eq!(structure(&diff), ["- expose 1"]);
    let diff = trace(SCAN).diff(&trace(&SCAN.replace("  close", "  check\n    read\n    compare\n  close")));
    assert_eq!(structure(&diff), ["+ check 3"]);
    assert!(diff.differs);
    let diff = trace("a\nb\n").diff(&trace("b\nc\n"));
    assert_eq!(structure(&diff), ["- a 1", "+ c 1"]);
}

#[test]
fn what_is_gone_in_one_place_and_new_in_another_has_been_moved() {
    let diff = trace("a\n  x k=1\n    y\nb\n").diff(&trace("a\nb\n  x k=1\n    y\n"));
    assert_eq!(structure(&diff), ["> x from a to b"]);
    // Also where something new is put around it.
    let diff = trace("run\n  set k=1\n  wait k=2\n").diff(&trace("run\n  section\n    set k=1\n    wait k=2\n"));
    assert_eq!(structure(&diff), ["> set from run to section", "> wait from run to section", "+ section 1"]);
    // And where something below it differs.
    let diff = trace("a\n  x k=1\n    y\n    z\nb\n").diff(&trace("a\nb\n  x k=1\n    y\n"));
    assert_eq!(structure(&diff), ["- z 1", "> x from a to b"]);
}

#[test]
fn what_has_another_name_and_is_otherwise_the_same_has_been_renamed() {
    let diff = trace("run\n  old k=1\n    x\n  other\n").diff(&trace("run\n  new k=1\n    x\n  other\n"));
    assert_eq!(structure(&diff), ["~ old new"]);
    // By what is below it, mostly.
    let diff = trace("run\n  old\n    x\n    y\n    z\n").diff(&trace("run\n  new\n    x\n    y\n    w\n"));
    assert_eq!(structure(&diff), ["- z 1", "~ old new", "+ w 1"]);
    // Two that have nothing in common are two.
    let diff = trace("run\n  old\n").diff(&trace("run\n  new\n"));
    assert_eq!(structure(&diff), ["- old 1", "+ new 1"]);
}

#[test]
fn attributes_are_compared_by_pair_and_told_by_group() {
    let diff = trace(SCAN).diff(&trace(&SCAN.replace("target=2", "target=3").replace("run=7", "run=8")));
    assert_eq!(attributes(&diff), ["move.target \"2\" → \"3\", 1", "open.run \"7\" → \"8\", 1"]);
    let diff = trace("a k=1").diff(&trace("a l=1 status=error event=boom"));
    assert_eq!(
        attributes(&diff),
        [
            "a.events  → boom, 1",
            "a.k \"1\" → nothing, 1",
            "a.l nothing → \"1\", 1",
            "a.status no error → error \"failed\", 1",
        ]
    );
}

#[test]
fn what_is_another_in_each_run_is_not_compared() {
    let of = |group: &str, start: f64| {
        let span = Span::builder("set").trace_id(1).span_id(1).attribute("group", group).attribute("start_time", start);
        Trace::from_spans([span.attribute("uid", "a1b2c3d4-0000-4000-8000-000000000001").build()])
    };
    let other = Trace::from_spans([Span::builder("set")
        .attribute("group", "set-9d0c1a")
        .attribute("start_time", 1_795_388_288.5)
        .attribute("uid", "ffffffff-0000-4000-8000-000000000001")
        .build()]);
    assert!(!of("set-3fa9c1", 1_718_700_056.0).diff(&other).differs);
    assert!(of("wait-3fa9c1", 1_718_700_056.0).diff(&other).differs);
    // In texts as well, as in what Python prints of a device.
    let text = |text: &str| Trace::from_spans([Span::builder("set").attribute("obj", text).build()]);
    let camera = text("SynSignal(value=0, timestamp=1795983745.1339192)");
    assert!(!camera.diff(&text("SynSignal(value=0, timestamp=1795983751.678)")).differs);
    assert!(camera.diff(&text("SynSignal(value=1, timestamp=1795983745.1339192)")).differs);
    assert!(
        text("17959837451.5").diff(&text("17959837452.5")).differs
            && text("1795983745").diff(&text("1795983746")).differs
    );
}

#[test]
fn what_is_asked_for_is_left_out() {
    let (a, b) = (trace("a k=1 thread.id=1 5ms"), trace("a k=2 thread.id=2 50ms\n  b"));
    let all = DiffOptions::new();
    assert_eq!(a.diff_with(&b, &all).attributes.len(), 2);
    assert_eq!(a.diff_with(&b, &all.clone().without_key(glob("thread.*"))).attributes.len(), 1);
    let diff = a.diff_with(&b, &all.attributes(false).structure(false).times(false));
    assert!(!diff.differs && diff.times.is_empty(), "{diff}");
}

#[test]
fn siblings_are_found_whatever_was_put_between_them() {
    let points =
        |from: u32| (from..from + 300).map(|at| format!("  move target={at} 10ms\n  expose 5ms\n")).collect::<String>();
    let (a, b) = (format!("scan\n{}", points(0)), format!("scan\n{}", points(1)));
    assert_eq!(structure(&trace(&a).diff(&trace(&b))), ["- move 1", "+ move 1"]);
}

/// A scan of a RunEngine in bluesky's convention: 20 moves, and exposures of a camera beside a quicker diode.
fn recorded(move_ms: f64, noise: f64, seed: u64) -> Trace {
    let random = Seed::new(seed).stream("noise");
    let varied = |ms: f64| ms * (1.0 + noise * (random.uniform() - 0.5));
    let (mut spans, mut now, mut id) = (Vec::new(), 0.0_f64, 0_u64);
    let at = |ms: f64| Timestamp::from_unix_ns(1_000_000_000 + (ms * 1e6) as u64);
    let mut span = |name: &str, parent: u64, from: f64, to: f64, key: &str, value: &str| {
        id += 1;
        let own = u128::from(if parent == 0 { id } else { parent });
        spans.push(
            Span::builder(name)
                .trace_id(own)
                .span_id(id)
                .parent_id(parent)
                .start(at(from))
                .end(at(to))
                .attribute(key.to_owned(), value),
        );
        id
    };
    for point in 0..20 {
        let took = varied(move_ms);
        let group = format!("set-{:06x}", seed as usize * 1_000 + point);
        let set = span(
            "Bluesky RunEngine set",
            0,
            now,
            now + varied(0.2),
            "msg.kwargs",
            &format!("{{\"group\": \"{group}\"}}"),
        );
        span("Ophyd Status", set, now, now + took, "device_name", "stage");
        span("Bluesky RunEngine wait", 0, now + 0.3, now + took + varied(0.2), "group", &group);
        now += took + varied(1.0);
        let (camera, diode) = (varied(80.0), varied(50.0));
        span("Ophyd Status", 0, now, now + camera, "device_name", "camera");
        span("Ophyd Status", 0, now + 0.1, now + diode, "device_name", "diode");
        span(
            "Bluesky RunEngine wait",
            0,
            now + 0.2,
            now + camera + varied(0.2),
            "group",
            &group.replace("set", "trigger"),
        );
        now += camera + varied(1.0);
    }
    span("Bluesky RunEngine run", 0, 0.0, now + 1.0, "exit_status", "success");
    spans.into_iter().map(SpanBuilder::build).collect()
}

#[test]
fn a_motor_that_is_slower_is_named_and_nothing_else() {
    let diff = recorded(200.0, 0.0, 1).diff(&recorded(220.0, 0.0, 2));
    assert_eq!((structure(&diff).len(), attributes(&diff).len()), (0, 0));
    let told: Vec<_> = diff
        .times
        .iter()
        .filter(|it| it.verdict != TimeVerdict::Same)
        .map(|it| (&*it.name, it.device.as_deref()))
        .collect();
    assert_eq!(told, [("Ophyd Status", Some("stage"))]);
    let change = diff.slower().next().unwrap();
    assert!((change.change.unwrap() - 0.1).abs() < 1e-6, "{change:?}");
    assert_eq!((change.before, change.after, change.spans_after), (ms(200), ms(220), 20));
    assert!(diff.to_string().starts_with("5.64 s → 6.04 s: stage set +400 ms\n"), "{diff}");
    // As much as is allowed is no difference.
    assert!(!recorded(200.0, 0.0, 1).diff(&recorded(209.0, 0.0, 2)).differs);
    // What is faster is told, and no reason to fail unless that is asked for.
    let (slow, fast) = (recorded(200.0, 0.0, 1), recorded(150.0, 0.0, 2));
    assert!(!slow.diff(&fast).differs && slow.diff(&fast).faster().count() == 1);
    assert!(slow.diff_with(&fast, &DiffOptions::new().faster(0.1)).differs);
}

#[test]
fn noise_is_told_from_a_motor_that_is_slower() {
    let side = |move_ms: f64, from: u64| (from..from + 5).map(|seed| recorded(move_ms, 0.3, seed)).collect::<Vec<_>>();
    for round in 0..6 {
        let (a, b, slower) = (side(200.0, 100 * round), side(200.0, 100 * round + 50), side(220.0, 100 * round + 70));
        let same = TraceDiff::of(&a, &b, &DiffOptions::new());
        assert!(!same.differs, "{same}");
        let diff = TraceDiff::of(&a, &slower, &DiffOptions::new());
        let told: Vec<_> = diff.slower().map(|it| (&*it.name, it.device.as_deref())).collect();
        assert_eq!(told, [("Ophyd Status", Some("stage"))], "{diff}");
        assert!(
            diff.slower().all(|it| it.likelihood.is_some_and(|likelihood| (0.0079..0.05).contains(&likelihood))),
            "{diff}"
        );
    }
}

#[test]
fn what_comes_and_goes_within_a_side_is_no_difference_of_the_sides() {
    let (once, twice) = (trace("run\n  poll\n"), trace("run\n  poll\n  poll\n"));
    let (odd, even) = (trace("run k=1\n  poll\n"), trace("run k=2\n  poll\n"));
    assert!(once.diff(&twice).differs);
    let several = TraceDiff::of(&[once.clone(), twice.clone()], &[twice, once.clone()], &DiffOptions::new());
    assert!(!several.differs, "{several}");
    assert!(odd.diff(&even).differs);
    let several = TraceDiff::of(&[odd.clone(), even.clone()], &[even, odd], &DiffOptions::new());
    assert!(!several.differs, "{several}");
    // What is so in all of one side is.
    let new = trace("run\n  poll\n  check\n");
    assert_eq!(
        structure(&TraceDiff::of(&[once.clone(), once], &[new.clone(), new], &DiffOptions::new())),
        ["+ check 1"]
    );
}

#[test]
fn both_are_drawn_in_one_tree() {
    let a = trace("run\n  open\n  move target=1 5ms\n  expose\n  move target=2 5ms\n  expose\n  tidy\n    close\n");
    let b = trace(
        "run\n  open\n  move target=1 5ms\n  expose\n  check\n    read\n  move target=3 5ms\n  expose\n  clean\n    close\n",
    );
    assert_eq!(
        a.diff(&b).to_string(),
        "\
18 ms → 20 ms: check +1 ms, clean +1 ms, read +1 ms

  run
  │ ⋯ 3 more
+ ├ check
+ │ └ read
~ ├ move
  │     target: \"2\" → \"3\"
  │ ⋯ 1 more
~ └ tidy → clean
"
    );
    let text = trace("a\n  x\n    y\n").diff(&trace("b\n  c\n")).to_string();
    assert!(text.contains("- a  and 2 below it\n+ b\n+ └ c\n"), "{text}");
}

#[test]
fn of_long_values_the_part_is_drawn_that_differs() {
    let long = |middle: &str| trace(&format!("a k={}{middle}{}", "x".repeat(100), "y".repeat(100)));
    let text = long("left").diff(&long("right")).to_string();
    assert!(text.contains("k: …xxxxxxxxleftyyyyyyyyyyyyyy… → …xxxxxxxxrightyyyyyyyyyyyyy…"), "{text}");
}

#[test]
fn of_long_values_of_wide_characters_no_more_is_drawn_than_fits() {
    let long = |middle: &str| trace(&format!("a k={}{middle}{}", "电".repeat(100), "机".repeat(100)));
    let text = long("left").diff(&long("right")).to_string();
    // Each character takes two columns, and no value more than 28.
    assert!(text.contains("k: …电电电电left机机机机机机机… → …电电电电right机机机机机机…\n"), "{text}");
}

#[test]
fn a_drawing_folds_what_is_alike_and_has_an_end() {
    let moves = |from: u32| (0..2_000).map(|at| format!("  move target={} 5ms\n", from + at)).collect::<String>();
    let text = trace(&format!("scan\n{}", moves(0))).diff(&trace(&format!("scan\n{}", moves(5_000)))).to_string();
    assert!(text.lines().count() < 20, "{text}");
    assert!(text.contains("⋯ 1997 more"), "{text}");
    let different = |from: u32| (0..2_000).map(|at| format!("n{}\n", from + at)).collect::<String>();
    let text = trace(&different(0)).diff(&trace(&different(5_000))).to_string();
    assert!(text.contains("more lines\n"), "{text}");
    assert!(text.lines().count() < 140 && text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_hundred_thousand_siblings_that_differ_in_attributes_are_paired_in_order() {
    let siblings = |offset: u64| {
        Trace::from_spans((1..=20_000_u64).map(|id| {
            let at = |ns: u64| Timestamp::from_unix_ns(ns);
            Span::builder("move")
                .trace_id(1)
                .span_id(id)
                .start(at(id * 10))
                .end(at(id * 10 + 5))
                .attribute("target", id + offset)
                .build()
        }))
    };
    let diff = siblings(0).diff(&siblings(1_000_000));
    assert_eq!((diff.pairs, diff.structure.len(), diff.attributes[0].pairs), (20_000, 0, 20_000));
}

#[test]
fn programs_get_it_as_json() {
    let diff = serde_json::to_value(trace("a k=1\n  b\n").diff(&trace("a k=2\n  c\n"))).unwrap();
    assert_eq!((&diff["version"], &diff["differs"], &diff["pairs"]), (&json!(1), &json!(true), &json!(1)));
    assert_eq!(diff["structure"][0]["kind"], json!("removed"));
    assert_eq!(diff["structure"][0]["span"]["name"], json!("b"));
    assert_eq!(diff["attributes"][0]["key"], json!("k"));
    assert_eq!(diff["times"][0]["verdict"], json!("same"));
    assert_eq!(diff["before"]["recordings"], json!(1));
}
