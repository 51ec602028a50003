//! How checks, statistics and comparisons grow: each series at n, 2n and 4n, and how many times longer the last takes than the first.
//!
//! What grows in proportion takes four times as long, and somewhat longer where what it looks at no longer fits into a cache. A series
//! starts at the n that takes some hundredths of a second; one that grows so that 4n would take minutes stops before it. The three are
//! run in turn, and of each the shortest time counts, so that what others do on the machine lengthens none of them alone.
//!
//! With `--instructions`, and a valgrind on the machine, it counts what the processor does instead, in millions, at 1,000, 2,000 and
//! 4,000. That is the same on every machine, and caches have no part in it:
//!
//!     cargo bench -p skyspan-trace --bench growth -- --instructions

use std::sync::Arc;
use std::time::{Duration, Instant};

use skyspan_trace::expect::{
    Expectation, ForestExpectation, Mismatch, SpanExpectation, any, every, exactly, forest, none, one, span,
};
use skyspan_trace::trace::{Resource, Span, SpanBuilder, Trace};
use skyspan_trace::value::Timestamp;

/// The first of three takes at least so long.
const FIRST_AT_LEAST: Duration = Duration::from_millis(40);
/// What would take longer is not run.
const EACH_AT_MOST: Duration = Duration::from_secs(60);
/// The three are run in turn for so long, and at least three times.
const ALL_AT_LEAST: Duration = Duration::from_secs(3);

/// A series: its name, the n it begins to look at, and what it checks at some n.
type Series = (&'static str, usize, fn(usize) -> (Trace, Box<dyn Expectation>));

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [one, series, n, checks] = arguments.as_slice()
        && one == ONE
    {
        return examine_one(series, n, checks);
    }
    let instructions = arguments.iter().any(|argument| argument == "--instructions");
    let unit = if instructions { "M" } else { "ms" };
    let columns = ["n", "2n", "4n"].map(|n| format!("{n}: {unit}"));
    println!("{:52} {:>9} {:>10} {:>10} {:>10} {:>7}", "", "n", columns[0], columns[1], columns[2], "4n / n");
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    for (name, least, made) in SERIES {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let (n, measured) = if instructions { (COUNTED, counted(name)) } else { measured(*least, *made) };
        let shown = |at: usize| measured.get(at).map_or("-".to_owned(), |number| format!("{number:.1}"));
        let ratio = measured.get(2).map_or("-".to_owned(), |last| format!("{:.1}", last / measured[0]));
        println!("{name:52} {n:>9} {:>10} {:>10} {:>10} {ratio:>7}", shown(0), shown(1), shown(2));
    }
}

/// The first n at which instructions are counted.
const COUNTED: usize = 1_000;
/// What this program is called with to look at one series at one n.
const ONE: &str = "--one";

/// So many million instructions the check of a series takes at each n: those of a process that checks, without those of one that
/// only makes what is to be checked.
fn counted(series: &str) -> Vec<f64> {
    let of_process = |n: usize, checks: &str| -> f64 {
        let program = std::env::current_exe().unwrap_or_else(|error| panic!("this program is somewhere: {error}"));
        let output = std::process::Command::new("valgrind")
            .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
            .arg(program)
            .args([ONE, series, &n.to_string(), checks])
            .output()
            .unwrap_or_else(|error| panic!("instructions are counted by valgrind: {error}"));
        let told = String::from_utf8_lossy(&output.stderr);
        let line = told.lines().find_map(|line| line.split_once("refs:")).map(|(_, number)| number.replace(',', ""));
        let Some(count) = line.and_then(|number| number.trim().parse::<f64>().ok()) else { panic!("{told}") };
        count / 1e6
    };
    [1, 2, 4].map(|factor| of_process(COUNTED * factor, "true") - of_process(COUNTED * factor, "false")).to_vec()
}

/// Makes what a series checks at some n, and checks it if that is wanted.
fn examine_one(series: &str, n: &str, checks: &str) {
    let made = SERIES.iter().find(|(name, ..)| *name == series).map(|(.., made)| made);
    let (Some(made), Ok(n)) = (made, n.parse()) else { panic!("there is no series {series:?} at {n:?}") };
    let case = made(n);
    std::hint::black_box((case.0.roots().len(), case.0.named("").len()));
    if checks == "true" {
        time(&case);
    }
}

/// The n that it begins with, and how many milliseconds n, 2n and 4n take.
fn measured(least: usize, made: fn(usize) -> (Trace, Box<dyn Expectation>)) -> (usize, Vec<f64>) {
    let mut n = least;
    let mut first = time(&made(n));
    while first < FIRST_AT_LEAST {
        n *= 2;
        first = time(&made(n));
    }
    let mut all = vec![(made(n), first)];
    for factor in [2, 4] {
        // As if it were cubic, which what is in question may be.
        if all.last().is_some_and(|(_, last)| *last * 8 > EACH_AT_MOST) {
            break;
        }
        let case = made(n * factor);
        let took = time(&case);
        all.push((case, took));
    }
    let mut spent = Duration::ZERO;
    for round in 0.. {
        if round >= 2 && spent > ALL_AT_LEAST {
            break;
        }
        for (case, shortest) in &mut all {
            let took = time(case);
            spent += took;
            *shortest = took.min(*shortest);
        }
    }
    (n, all.into_iter().map(|(_, shortest)| shortest.as_secs_f64() * 1e3).collect())
}

/// How long a check takes, and the report where there is one. The index of the trace is no part of it.
fn time((trace, expectation): &(Trace, Box<dyn Expectation>)) -> Duration {
    std::hint::black_box((trace.roots().len(), trace.named("").len()));
    let begun = Stopwatch::start();
    if let Err(mismatch) = trace.check(expectation) {
        std::hint::black_box(mismatch.to_string());
    }
    begun.elapsed()
}

/// Where Linux tells it, the time that this thread has had a processor, which others cannot lengthen; else the time that went by.
struct Stopwatch {
    started: Instant,
    on_processor: Option<Duration>,
}

impl Stopwatch {
    fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
        let started = Instant::now();
        Self { started, on_processor: Self::on_processor() }
    }

    fn on_processor() -> Option<Duration> {
        let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(schedule.split(' ').next()?.parse().ok()?))
    }

    fn elapsed(&self) -> Duration {
        let on_processor = self.on_processor.and_then(|before| Self::on_processor()?.checked_sub(before));
        on_processor.unwrap_or_else(|| self.started.elapsed())
    }
}

/// Something done with a trace that is measured as a check is.
struct Work(Box<dyn Fn(&Trace)>);

impl Work {
    fn of(work: impl Fn(&Trace) + 'static) -> Box<dyn Expectation> {
        Box::new(Self(Box::new(work)))
    }
}

impl std::fmt::Display for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is done")
    }
}

impl Expectation for Work {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        (self.0)(trace);
        Ok(())
    }
}

/// A trace of about n spans, and its comparison with one of other targets, drawn.
fn diff(n: usize, target: fn(usize) -> usize) -> (Trace, Box<dyn Expectation>) {
    let other = points(n, target);
    (points(n, |at| at), Work::of(move |trace| drop(std::hint::black_box(trace.diff(&other).to_string()))))
}

/// About n spans of a scan in bluesky's convention: a move with a target, a wait for it, a status of a camera and a wait.
fn points(n: usize, target: fn(usize) -> usize) -> Trace {
    let at = |ns: usize| Timestamp::from_unix_ns(1_000_000_000 + ns as u64);
    let span = |name: &'static str, id: usize, parent: usize, from: usize, to: usize| {
        let trace_id = if parent == 0 { id } else { parent };
        Span::builder(name)
            .trace_id(trace_id as u128)
            .span_id(id as u64)
            .parent_id(parent as u64)
            .start(at(from))
            .end(at(to))
    };
    let moves = (0..n / 5).flat_map(|point| {
        let (id, now, group) = (point * 5 + 1, point * 1_000, format!("set-{point:06x}"));
        let kwargs = format!("{{\"group\": \"{group}\"}}");
        [
            span("Ophyd Status", id + 1, id, now, now + 600)
                .attribute("device_name", "stage")
                .attribute("target", target(point) as i64),
            span("Bluesky RunEngine set", id, 0, now, now + 10).attribute("msg.kwargs", kwargs),
            span("Bluesky RunEngine wait", id + 2, 0, now + 20, now + 620).attribute("group", group),
            span("Ophyd Status", id + 3, 0, now + 630, now + 980).attribute("device_name", "camera"),
            span("Bluesky RunEngine wait", id + 4, 0, now + 640, now + 990)
                .attribute("group", format!("trigger-{point:06x}")),
        ]
        .map(SpanBuilder::build)
    });
    let run = span("Bluesky RunEngine run", n + 10, 0, 0, n * 1_000).attribute("exit_status", "success").build();
    Trace::from_spans(moves.chain([run]))
}

/// A hundred spans of one resource, which has n keys.
fn of_resource(n: usize) -> Trace {
    let attributes = (0..n).map(|key| (format!("host.label.{key}"), format!("value {key}"))).collect();
    let resource = Arc::new(Resource { attributes, schema_url: "".into() });
    (0..100).map(|at| made("a", at + 1, 0).resource(Arc::clone(&resource)).build()).collect()
}

const SERIES: &[Series] = &[
    ("statistics of n spans", 1_000, |n| {
        (points(n, |at| at), Work::of(|trace| drop(std::hint::black_box(trace.statistics()))))
    }),
    ("a diff of n spans, the same", 1_000, |n| diff(n, |at| at)),
    ("a diff of n spans, all with other attributes", 1_000, |n| diff(n, |at| at + 10_000_000)),
    ("a diff of n spans, a tenth of them others", 1_000, |n| {
        diff(n, |at| if at.is_multiple_of(10) { at + 10_000_000 } else { at })
    }),
    ("a diff of n spans, one gone and one new", 1_000, |n| diff(n, |at| at + 1)),
    ("a diff of n spans, in reverse", 1_000, |n| diff(n, |at| 10_000_000 - at)),
    ("a resource of n keys, read", 1_000, |n| {
        let text = of_resource(n).to_console_json();
        (Trace::default(), Work::of(move |_| drop(std::hint::black_box(Trace::from_console_json(&text)))))
    }),
    ("a resource of n keys, read as OTLP and written", 1_000, |n| {
        let text = of_resource(n).to_otlp_json();
        let again = |text: &str| Trace::from_otlp_json(text).map(|trace| trace.to_otlp_json());
        (Trace::default(), Work::of(move |_| drop(std::hint::black_box(again(&text)))))
    }),
    ("a hundred spans of a resource of n keys, drawn", 1_000, |n| {
        (of_resource(n), Work::of(|trace| drop(std::hint::black_box(trace.draw().to_string()))))
    }),
    ("a scan as a text with counts", 16, |n| (scan(n), tree(&scan_text(n)))),
    ("c {n}, d {n} over siblings in turn", 64, |n| (in_turn(n), tree(&format!("c {{{n}}}\nd {{{n}}}")))),
    ("one too few: c {n}, d {n + 1}", 64, |n| (in_turn(n), tree(&format!("c {{{n}}}\nd {{{}}}", n + 1)))),
    ("n lines of {0..}, in order", 16, |n| (in_turn(n), in_order((0..n).map(|_| span("c").times(0..))))),
    ("n lines of c {0..}, d {0..}, in order", 16, |n| {
        (in_turn(n), in_order((0..n).flat_map(|_| [span("c").times(0..), span("d").times(0..)])))
    }),
    ("c and d in turn, in order", 64, |n| (in_turn(n), in_order((0..n).flat_map(|_| [span("c"), span("d")])))),
    ("n c, then n d, in order, over c and d in turn", 64, |n| {
        (in_turn(n), in_order([span("c").times(n), span("d").times(n)]))
    }),
    ("n names in order, among others", 64, |n| {
        let items = (0..n).map(|at| span(format!("name {at}")));
        (names(2 * n), Box::new(span("root").children_at_least_in_order(items)))
    }),
    ("n names, mixed up", 64, |n| {
        let items = (0..n).map(|at| span(format!("name {}", (at * 7919) % n)));
        (names(n), Box::new(span("root").children(items)))
    }),
    ("n c and n d, plain, over c and d in turn", 64, |n| {
        let items = (0..2 * n).map(|at| if at < n { span("c") } else { span("d") });
        (in_turn(n), Box::new(forest([span("root").children(items)])))
    }),
    ("any and then what is exact, n each", 64, |n| {
        (in_turn(n), Box::new(forest([span("root").children([span(any()).times(n), span("c").times(n)])])))
    }),
    ("four siblings of siblings", 8, |n| {
        let a = || span("a");
        (siblings(n), Box::new(none(a().sibling(a().sibling(a().sibling(span("b")))))))
    }),
    ("three descendants of each other, a chain", 8, |n| {
        let a = || span("a");
        (chain(n), Box::new(none(a().descendant(a().descendant(a().descendant(span("b")))))))
    }),
    ("an ancestor's descendant's ancestor, a chain", 8, |n| {
        let a = || span("a");
        (chain(n), Box::new(one(a().ancestor(a().descendant(a().ancestor(span("b")))))))
    }),
    ("a descendant of the root, a chain", 64, |n| (chain(n), Box::new(one(span("a").is_root().descendant(span("b")))))),
    ("exactly n descendants of each, a chain", 64, |n| {
        (chain(n), Box::new(exactly(1, span("a").descendant(span("a").times(n - 1)))))
    }),
    ("every with a descendant that is not there, a chain", 64, |n| {
        (chain(n), Box::new(every(span("a")).descendant(span("b"))))
    }),
    ("every without a sibling, though there are n", 64, |n| {
        (siblings(n), Box::new(every(span("a")).no_sibling(span("a"))))
    }),
    ("fifty in each other at any depth, a chain", 64, |n| {
        let inner = |leaf| (0..50).fold(leaf, |inner: SpanExpectation, _| span("a").children([inner.at_any_depth()]));
        (chain(n), Box::new(forest([inner(span("a").has_attr("k"))])))
    }),
    ("fifty in each other at any depth, among others", 64, |n| {
        let deeper = |inner: SpanExpectation, _| span("a").children_at_least([inner.at_any_depth()]);
        (chain(n), Box::new(forest([(0..50).fold(span("a"), deeper)])))
    }),
    ("a tree with all names wrong", 64, |n| (groups(n, "node"), groups_expected(n, |_, _| span("knot")))),
    ("siblings with all names wrong", 64, |n| {
        (names(n), Box::new(forest([span("root").children((0..n).map(|at| span(format!("other {at}"))))])))
    }),
    ("a tree with all leaves wrong", 64, |n| {
        (
            groups(n, "node"),
            groups_expected(n, |group, leaf| {
                span("node").attr("target", i64::try_from(group * 10 + leaf).unwrap_or_default() + 1)
            }),
        )
    }),
    ("a tree with one leaf wrong", 64, |n| {
        (
            groups(n, "node"),
            groups_expected(n, move |group, leaf| {
                span("node")
                    .attr("target", i64::try_from(group * 10 + leaf).unwrap_or_default() + i64::from(group == n / 20))
            }),
        )
    }),
    ("siblings that all differ in their children", 64, |n| {
        (
            pairs(n),
            Box::new(forest((0..n).map(|at| {
                span("set").children([span("status").attr("target", i64::try_from(at).unwrap_or_default() + 1_000_000)])
            }))),
        )
    }),
    ("siblings in the opposite order", 64, |n| {
        (names(n), Box::new(span("root").children_in_order((0..n).rev().map(|at| span(format!("name {at}"))))))
    }),
    ("all siblings have moved", 64, |n| {
        let below = (0..n).map(|at| span(format!("name {at}")));
        (names(n), Box::new(forest([span("root").children([]), span("other").children(below)])))
    }),
];

fn tree(text: &str) -> Box<dyn Expectation> {
    let text: String =
        std::iter::once("root\n".to_owned()).chain(text.lines().map(|line| format!("  {line}\n"))).collect();
    match ForestExpectation::parse(&text) {
        Ok(forest) => Box::new(forest),
        Err(error) => panic!("{error}"),
    }
}

fn in_order(items: impl IntoIterator<Item = SpanExpectation>) -> Box<dyn Expectation> {
    Box::new(forest([span("root").children_in_order(items)]))
}

/// A span with this number, that starts then.
fn made(name: impl Into<String>, id: usize, parent: usize) -> SpanBuilder {
    let id = id as u64;
    let at = Timestamp::from_unix_ns;
    let span = Span::builder(name.into()).trace_id(1).span_id(id).start(at(id)).end(at(id + 1));
    if parent == 0 { span } else { span.parent_id(parent as u64) }
}

/// A root with `n` times `c` and `d`.
fn in_turn(n: usize) -> Trace {
    let below = (0..2 * n).map(|at| made(if at % 2 == 0 { "c" } else { "d" }, at + 2, 1).build());
    std::iter::once(made("root", 1, 0).build()).chain(below).collect()
}

/// A root with `n` children of as many names.
fn names(n: usize) -> Trace {
    let below = (0..n).map(|at| made(format!("name {at}"), at + 2, 1).build());
    std::iter::once(made("root", 1, 0).build()).chain(below).collect()
}

fn siblings(n: usize) -> Trace {
    (0..n).map(|at| made("a", at + 1, 0).build()).collect()
}

fn chain(n: usize) -> Trace {
    (0..n).map(|at| made("a", at + 1, at).build()).collect()
}

/// `n` roots with a child each.
fn pairs(n: usize) -> Trace {
    (0..n)
        .flat_map(|at| {
            let target = i64::try_from(at).unwrap_or_default();
            [
                made("set", 2 * at + 1, 0).build(),
                made("status", 2 * at + 2, 2 * at + 1).attribute("target", target).build(),
            ]
        })
        .collect()
}

/// A root with groups of ten, `n` spans in all.
fn groups(n: usize, name: &str) -> Trace {
    let below = (0..n / 10).flat_map(|group| {
        let head = 2 + group * 11;
        let leaves = (0..10).map(move |leaf| {
            made(name, head + 1 + leaf, head)
                .attribute("target", i64::try_from(group * 10 + leaf).unwrap_or_default())
                .build()
        });
        std::iter::once(made(name, head, 1).build()).chain(leaves)
    });
    std::iter::once(made(name, 1, 0).build()).chain(below).collect()
}

fn groups_expected(n: usize, leaf: impl Fn(usize, usize) -> SpanExpectation) -> Box<dyn Expectation> {
    let name = if leaf(0, 0).to_string().contains("knot") { "knot" } else { "node" };
    let groups = (0..n / 10).map(|group| span(name).children((0..10).map(|at| leaf(group, at)).collect::<Vec<_>>()));
    Box::new(forest([span(name).children(groups.collect::<Vec<_>>())]))
}

/// The spans of a scan, as the engine makes them: six for each point.
fn scan(points: usize) -> Trace {
    let mut id = 1;
    let mut spans = vec![made("root", 1, 0).build()];
    let mut add = |name: &str, parent: usize| {
        id += 1;
        spans.push(made(name, id, parent).build());
        id
    };
    for _ in 0..points {
        let set = add("Bluesky RunEngine set", 1);
        add("Ophyd Status", set);
        add("Bluesky RunEngine wait", 1);
        let trigger = add("Bluesky RunEngine trigger", 1);
        add("Ophyd Status", trigger);
        add("Bluesky RunEngine wait", 1);
    }
    spans.into_iter().collect()
}

fn scan_text(points: usize) -> String {
    format!(
        "Bluesky RunEngine set {{{points}}}\n  Ophyd Status\nBluesky RunEngine trigger {{{points}}}\n  Ophyd Status\n\
         Bluesky RunEngine wait {{{}}}\n",
        2 * points
    )
}
