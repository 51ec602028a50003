//! A trace is the same from run to run, as text and in snapshots.

use skyspan::clock::Timestamp;
use skyspan::expect::{Shape, ValueType, any, glob, one_of, regex, shape};
use skyspan::trace::{Attributes, Event, Link, Span, SpanBuilder, SpanKind, Status, Trace};
use skyspan::value::{Map, Value};

mod changes;

const START: u64 = 1_718_700_056_000_000_000;

fn made(name: &str, id: u64, parent: u64, start: u64) -> SpanBuilder {
    let at = |ns| Timestamp::from_unix_ns(START + ns);
    Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(start + 5))
}

/// All orders of three things.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

fn in_each_order(spans: [Span; 3]) -> Vec<String> {
    ORDERS.iter().map(|order| shape(&Trace::from_spans(order.map(|at| spans[at].clone())))).collect()
}

#[test]
fn a_span_is_one_line_whatever_its_keys() {
    let odd = made("set", 1, 0, 0).attribute("a\nb", 1).attribute("c=d", 2).attribute("plain.key", 3).build();
    assert_eq!(shape(&Trace::from_spans([odd])), "set  5 ns  \"a\\nb\"=1 \"c=d\"=2 plain.key=3\n");
}

/// With `salt` in everything that is another in each run.
fn run(salt: u64) -> Trace {
    let uid = format!("{salt:08x}-0000-4000-8000-000000000001");
    let started = Timestamp::from_unix_ns(START + salt * 1_000_000_000);
    let at = |ms: u64| started + skyspan::expect::ms(ms);
    let span = |name: &str, id: u64, parent: u64| {
        let parent = if parent == 0 { 0 } else { parent + salt * 100 };
        Span::builder(name).trace_id(u128::from(salt)).span_id(id + salt * 100).parent_id(parent)
    };
    Trace::from_spans([
        span("Bluesky RunEngine run", 1, 0)
            .start(at(0))
            .end(at(20))
            .attribute("run.uid", uid.as_str())
            .attribute("exit_status", "fail")
            .status(Status::error(format!("run {uid} failed")))
            .event(
                Event::new("exception", at(10))
                    .with_attributes(Attributes::from_iter([("exception.type", "FailedStatus")])),
            )
            .build(),
        span("Bluesky RunEngine set", 2, 0)
            .start(at(1))
            .end(at(1))
            .attribute("msg.obj", format!("<Motor at 0x7f{salt:010x}>"))
            .attribute("group", format!("set-{salt:06x}"))
            .attribute("msg.args", [5])
            .kind(SpanKind::Client)
            .build(),
        span("Ophyd Status", 3, 2)
            .start(at(1))
            .attribute("start_time", at(1).unix_s())
            .attribute("target", 5.0)
            .attribute("settle_time", 0.5)
            .link(Link::new(u128::from(salt), 1 + salt * 100))
            .build(),
    ])
}

#[test]
fn what_is_another_in_each_run_has_a_steady_name() {
    assert_eq!(shape(&run(1)), shape(&run(2)));
    assert_eq!(
        shape(&run(7)),
        r#"Bluesky RunEngine run  20 ms  run.uid="<new uid>" exit_status="fail" status ERROR "run <uid> failed"
  │ event "exception"  after 10 ms  exception.type="FailedStatus"
Bluesky RunEngine set  0 s  after 1 ms  msg.obj="<Motor at <new address>>" group="<new set>" msg.args=[5] kind Client
  Ophyd Status  open  start_time=<+0 s> target=5.0 settle_time=0.5
    │ link to "Bluesky RunEngine run"
"#
    );
}

#[test]
fn who_waits_for_what_is_the_same_however_groups_are_called_and_in_whichever_order_all_came() {
    // All at one instant: a wait is told from another only by the move that has its group.
    let scan = |groups: [&str; 3], order: [usize; 3]| {
        let wait = |at: usize| made("await", 1 + at as u64, 0, 0).attribute("group", groups[at]).build();
        let set = |at: usize| {
            let kwargs = format!("{{\"group\": {:?}}}", groups[at]);
            made("set", 11 + at as u64, 0, 0).attribute("msg.kwargs", kwargs).attribute("target", at).build()
        };
        let spans = order.into_iter().flat_map(|at| [wait(at), set(2 - at)]);
        shape(&Trace::from_spans(spans))
    };
    let groups = ["set-0a0a0a", "set-0b0b0b", "set-0c0c0c"];
    let first = scan(groups, ORDERS[0]);
    for names in ORDERS {
        for order in ORDERS {
            assert_eq!(scan(names.map(|at| groups[at]), order), first);
        }
    }
    assert_eq!(
        first,
        r#"await  5 ns  group="<new set>"
await  5 ns  beside 1  group="<new set>"
await  5 ns  beside 2  group="<new set>"
set  5 ns  beside 3  msg.kwargs="{\"group\": \"<set -2>\"}" target=0
set  5 ns  beside 4  msg.kwargs="{\"group\": \"<set -1>\"}" target=1
set  5 ns  beside 5  msg.kwargs="{\"group\": \"<set>\"}" target=2
"#
    );
}

#[test]
fn case_12_parents_stand_before_children_in_whichever_order_they_came() {
    let shapes = in_each_order(
        [made("root", 1, 0, 0), made("child", 2, 1, 0), made("grandchild", 3, 2, 0)].map(SpanBuilder::build),
    );
    assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{shapes:#?}");
    assert_eq!(shapes[0], "root  5 ns\n  child  5 ns\n    grandchild  5 ns\n");
}

#[test]
fn spans_that_start_together_stand_in_one_order() {
    // They differ in a value, in a uid alone, and in what is below them alone.
    let uid = |at: u64| format!("{at:08x}-0000-4000-8000-000000000001");
    for spans in [
        [
            made("a", 1, 0, 0).attribute("k", 1),
            made("a", 2, 0, 0).attribute("k", 2),
            made("a", 3, 0, 0).attribute("k", "1"),
        ],
        [
            made("a", 1, 0, 0).attribute("k", uid(2)),
            made("a", 2, 0, 0).attribute("k", uid(1)),
            made("b", 3, 0, 0).attribute("k", uid(1)),
        ],
        [made("a", 1, 0, 0), made("a", 2, 0, 0), made("b", 3, 2, 0)],
    ] {
        let shapes = in_each_order(spans.map(SpanBuilder::build));
        assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{shapes:#?}");
    }
}

#[test]
fn a_span_under_another_parent_is_another_shape() {
    let family = |parent: u64| {
        Trace::from_spans([made("a", 1, 0, 0), made("b", 2, 0, 0), made("c", 3, parent, 0)].map(SpanBuilder::build))
    };
    let shapes = [0, 1, 2, 99].map(|parent| shape(&family(parent)));
    for (at, shape) in shapes.iter().enumerate() {
        assert!(!shapes[..at].contains(shape), "{shapes:#?}");
    }
}

#[test]
fn a_long_chain_and_many_equal_spans_have_a_shape() {
    let chain: Trace = (1..=5_000).map(|id| made("a", id, id - 1, 0).build()).collect();
    assert_eq!(shape(&chain).lines().count(), 5_000);
    let equal: Trace = (1..=5_000).map(|id| made("a", id, 0, 0).attribute("k", Value::Null).build()).collect();
    assert_eq!(shape(&equal).lines().count(), 5_000);
}

#[test]
fn a_link_tells_which_of_several_spans_it_points_to() {
    let linked = |to: u64| {
        in_each_order(
            [made("a", 1, 0, 0), made("a", 2, 0, 1), made("b", 3, 0, 2).link(Link::new(1, to))].map(SpanBuilder::build),
        )
    };
    assert!(linked(1).iter().all(|shape| shape.ends_with("│ link to \"a\" #1\n")), "{:#?}", linked(1));
    assert!(linked(2).iter().all(|shape| shape.ends_with("│ link to \"a\" #2\n")), "{:#?}", linked(2));
    // Two that cannot be told apart still are told apart in the same way in each order.
    let alike = in_each_order(
        [made("a", 1, 0, 0), made("a", 2, 0, 0), made("b", 3, 0, 0).link(Link::new(1, 2))].map(SpanBuilder::build),
    );
    assert!(alike.iter().all(|shape| *shape == alike[0]), "{alike:#?}");
}

#[test]
fn rules_of_ones_own_reach_everywhere_and_keep_types() {
    let map = |port: Value| Value::from(skyspan::value::Map::from_iter([("port", port), ("deep", [1.5].into())]));
    let trace = Trace::from_spans([made("GET /items/17", 1, 0, 0)
        .attribute("port", 40_123)
        .attribute("ports", [40_123, 7])
        .attribute("config", map("40123".into()))
        .attribute("json", r#"{"port": 40123, "b": [1.5]}"#)
        .attribute("thread.id", 12)
        .attribute("flag", true)
        .status(Status::error("item 17 is gone"))
        .event(
            Event::new("item 17", Timestamp::from_unix_ns(START)).with_attributes(Attributes::from_iter([("port", 1)])),
        )
        .build()]);
    let text = |shape: Shape<'_>| shape.without_times().to_string();
    assert_eq!(
        text(
            Shape::of(&trace)
                .replace_key("port", "<port>")
                .replace_key(glob("thread.*"), "<thread>")
                .replace_matching(regex(r"\b17\b"), "<item>")
                .replace_type(ValueType::Float, "<number>")
                .replace_value(true, "<yes>")
        ),
        r#"GET /items/<item>  port=int(<port>) ports=[40123, 7] config={"port": "<port>", "deep": [float(<number>)]} thread.id=int(<thread>) flag=bool(<yes>) status ERROR "item <item> is gone"
  │ json="{\"port\": \"int(<port>)\", \"b\": [\"float(<number>)\"]}"
  │ event "item <item>"  port=int(<port>)
"#
    );
    assert_eq!(
        text(
            Shape::of(&trace)
                .without_key(glob("*port*"))
                .without_key("config")
                .without_key("json")
                .replace_value(any(), "<>")
        ),
        "GET /items/17  thread.id=int(<>) flag=bool(<>) status ERROR \"item 17 is gone\"\n  │ event \"item 17\"\n"
    );
    // The first rule holds.
    let twice = Shape::of(&trace).replace_value(one_of([40_123, 7]), "<a>").replace_key("port", "<b>");
    assert!(text(twice).contains("port=int(<a>) ports=[int(<a>), int(<a>)]"));
}

#[test]
fn without_times_a_wall_time_in_an_attribute_is_any() {
    let status = |start_time: f64| {
        let kwargs = format!(r#"{{"timestamp": {start_time}}}"#);
        let span = made("Ophyd Status", 1, 0, 0).attribute("start_time", start_time).attribute("settle_time", 0.5);
        Trace::from_spans([span
            .attribute("kwargs", Map::from_iter([("time", start_time)]))
            .attribute("text", kwargs)
            .build()])
    };
    let [one, other] = [status(1_718_700_057.5), status(1_718_700_058.25)];
    let text = |trace| shape(Shape::of(trace).without_times().without_key("text"));
    assert_eq!(text(&one), "Ophyd Status  start_time=<time> settle_time=0.5 kwargs={\"time\": <time>}\n");
    assert_eq!(text(&one), text(&other));
    assert_eq!(shape(&one).matches("<+").count(), 2);
    // `keep_volatile` leaves the times as they are.
    assert!(shape(Shape::of(&one).without_times().keep_volatile()).contains("start_time=1718700057.5"));
}

#[test]
fn without_times_nothing_of_the_clock_is_left() {
    let run = |salt: u64| {
        let made = |name: &str, id, parent, start: u64| {
            let span = made(name, id, parent, start * salt);
            span.end(Timestamp::from_unix_ns(START + start * salt + salt))
                .event(Event::new("e", Timestamp::from_unix_ns(START + salt)))
                .attribute("start_time", Timestamp::from_unix_ns(START + salt * 1_000_000_000).unix_s())
                .build()
        };
        let two = if salt.is_multiple_of(2) { [("b", 3), ("a", 2)] } else { [("a", 2), ("b", 3)] };
        let [one, other] = two.map(|(name, start)| made(name, start, 1, if name == two[0].0 { 1 } else { 2 }));
        Trace::from_spans([made("run", 1, 0, 0), one, other])
    };
    let [(one, other), (third, _)] = [(run(3), run(5)), (run(4), run(4))];
    assert_ne!(shape(&one), shape(&other));
    assert_eq!(shape(Shape::of(&one).without_times()), shape(Shape::of(&other).without_times()));
    assert_eq!(shape(Shape::of(&one).without_times()), shape(Shape::of(&third).without_times()));
    let ordered = |trace| Shape::of(trace).without_times().ordered().to_string();
    assert_ne!(ordered(&one), ordered(&third));
    let unordered = |trace| Shape::of(trace).without_times().unordered();
    assert_eq!(shape(unordered(&one)), shape(unordered(&third)));
    assert_eq!(unordered(&one).to_console_json(), unordered(&third).to_console_json());
}

#[test]
fn the_console_json_of_a_shape_is_the_same_in_each_run_and_order() {
    let json = |salt| Shape::of(&run(salt)).replace_key("target", "<target>").to_console_json();
    assert_eq!(json(1), json(2));
    for part in [
        r#""trace_id": "<trace 1>""#,
        r#""parent_id": "<Bluesky RunEngine set>""#,
        r#""start_time": "<+1 ms>""#,
        r#""end_time": null"#,
        r#""timestamp": "<+10 ms>""#,
        r#""description": "run <new uid> failed""#,
        r#""target": "float(<target>)""#,
        r#""span_id": "<Bluesky RunEngine run>""#,
        r#""group": "<new set>""#,
    ] {
        assert!(json(1).contains(part), "{part} is not in {}", json(1));
    }
    let spans = [made("root", 1, 0, 0), made("a", 2, 1, 0), made("a", 3, 1, 0)].map(SpanBuilder::build);
    let in_order =
        |order: [usize; 3]| Shape::of(&Trace::from_spans(order.map(|at| spans[at].clone()))).to_console_json();
    assert!(ORDERS.iter().all(|order| in_order(*order) == in_order(ORDERS[0])));
    let moved = |parent: u64| {
        Shape::of(&Trace::from_spans(
            [made("a", 1, 0, 0), made("a", 2, 0, 1), made("c", 3, parent, 2)].map(SpanBuilder::build),
        ))
        .to_console_json()
    };
    assert!(moved(1) != moved(2) && moved(0) != moved(1) && moved(99).contains(r#""parent_id": "<missing>""#));
}

#[cfg(feature = "snapshot")]
mod files {
    use skyspan::{assert_console_snapshot, assert_trace_snapshot};

    use super::run;

    #[test]
    fn a_snapshot_is_called_after_its_test() {
        assert_trace_snapshot!(run(3));
    }

    #[test]
    fn a_snapshot_may_have_a_name() {
        for salt in [4, 5] {
            assert_trace_snapshot!("a named trace", run(salt));
        }
        assert_trace_snapshot!("another named trace", &run(5));
    }

    #[test]
    fn the_console_json_is_kept_as_it_is() {
        assert_console_snapshot!(run(3));
        assert_console_snapshot!("the console", run(3),);
    }

    #[test]
    fn a_shape_with_rules_has_snapshots() {
        let trace = run(6);
        let shape = || skyspan::expect::Shape::of(&trace).replace_key("target", "<target>");
        assert_trace_snapshot!("a trace with rules", shape());
        assert_console_snapshot!("the console with rules", shape());
    }

    /// A function that tests share.
    fn is_as_ever(salt: u64) {
        assert_trace_snapshot!(run(salt));
    }

    #[test]
    fn two_callers_of_one_name_are_told_so() {
        is_as_ever(3);
        let told = |caller: std::thread::Builder, call: fn()| {
            let panic = caller.spawn(call).unwrap().join().unwrap_err();
            panic.downcast_ref::<String>().cloned().unwrap_or_default()
        };
        let other_test = || std::thread::Builder::new().name("snapshots::another_test".to_owned());
        let of_function = told(other_test(), || is_as_ever(3));
        assert!(
            of_function.contains("snapshots::files::is_as_ever, found two: test snapshots::files::two_callers"),
            "{of_function}"
        );
        assert!(of_function.contains("and test snapshots::another_test. Give each a name of its own"), "{of_function}");
        let named = |salt: u64| assert_trace_snapshot!("of two places", run(salt));
        named(3);
        named(3);
        let of_place = std::panic::catch_unwind(|| assert_trace_snapshot!("of two places", run(3))).unwrap_err();
        let of_place = of_place.downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(of_place.contains(r#"it::snapshots::files: "of two places", found two: "#), "{of_place}");
    }

    #[test]
    fn a_snapshot_that_nobody_took_fails() {
        // It fails in a process of its own, which is told to leave no file behind.
        const INSIDE: &str = "SKYSPAN_TEST_OF_A_MISSING_SNAPSHOT";
        if std::env::var_os(INSIDE).is_some() {
            assert_trace_snapshot!("a snapshot that nobody took", run(3));
        }
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "snapshots::files::a_snapshot_that_nobody_took_fails"])
            .envs([(INSIDE, "1"), ("INSTA_UPDATE", "no"), ("INSTA_FORCE_PASS", "0")])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!output.status.success() && text.contains("1 failed"), "{text}");
    }
}
