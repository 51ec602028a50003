//! How drawing grows: n, 2n and 4n spans, of which the last are 1,000,000, beside finding out how they hang together, and writing
//! them as console JSON. At 4n it may take 4.5 times what it takes at n, and two seconds in all.
//!
//! `cargo bench -p skyspan-trace --bench drawing`

use std::io;
use std::time::{Duration, Instant};

use skyspan_trace::trace::{Drawing, Span, Trace};
use skyspan_trace::value::Timestamp;

const SPANS: [u64; 3] = [250_000, 500_000, 1_000_000];

/// What is drawn, and how.
type Case = (&'static str, fn(u64) -> Trace, fn(Drawing<'_>) -> Drawing<'_>);

const CASES: &[Case] = &[
    ("a scan, folded", scan, |drawing| drawing),
    ("a scan, every span on a line", scan, |drawing| drawing.unfolded()),
    ("spans of a thousand names, folded", unlike, |drawing| drawing),
    ("spans of a thousand names, every span on a line", unlike, |drawing| drawing.unfolded()),
    ("a chain of spans", chain, |drawing| drawing),
];

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{SPANS:?} spans, on {cores} cores; ms drawn; the growth from n to 4n; at 4n, how many times the tree, and the JSON"
    );
    println!("{:50} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7}", "", "n", "2n", "4n", "growth", "tree", "JSON");
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    for (name, made, chosen) in CASES {
        let (mut drawn, mut tree, mut json) = ([Duration::MAX; 3], Duration::MAX, Duration::MAX);
        for _ in 0..3 {
            for (spans, drawn) in SPANS.into_iter().zip(&mut drawn) {
                let trace = made(spans);
                let to_tree = timed(|| _ = std::hint::black_box(trace.roots().len()));
                *drawn = timed(|| drop(write(&chosen(trace.draw())))).min(*drawn);
                if spans == SPANS[2] {
                    tree = tree.min(to_tree);
                    json = json.min(timed(|| drop(trace.write_console(&mut io::sink()))));
                }
            }
        }
        let ratio = |other: Duration| drawn[2].as_secs_f64() / other.as_secs_f64();
        let [n, n2, n4] = drawn.map(ms);
        println!("{name:50} {n:8.0} {n2:8.0} {n4:8.0} {:7.1} {:7.1} {:7.1}", n4 / n, ratio(tree), ratio(json));
    }
}

fn write(drawing: &Drawing<'_>) -> io::Result<()> {
    use io::Write as _;
    write!(io::BufWriter::new(io::sink()), "{drawing}")
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn at(ns: u64) -> Timestamp {
    Timestamp::from_unix_ns(1_700_000_000_000_000_000 + ns)
}

/// Moves and waits, of which each has an attribute that differs.
fn scan(spans: u64) -> Trace {
    let point = |id: u64| {
        let (start, end) = (at(id * 1_000), at(id * 1_000 + 900));
        let span = match id % 3 {
            0 => Span::builder("Bluesky RunEngine set").attribute("msg.args", [id as f64]),
            1 => Span::builder("Ophyd Status")
                .parent_id(id)
                .attribute("device_name", "motor")
                .attribute("target", id as f64),
            _ => Span::builder("Bluesky RunEngine wait").attribute("group", "set"),
        };
        span.trace_id(u128::from(1 + id / 3)).span_id(id + 1).start(start).end(end).build()
    };
    (0..spans).map(point).collect()
}

/// Names in an order that does not repeat.
fn unlike(spans: u64) -> Trace {
    let span = |id: u64| {
        let name = format!("span {}", id.wrapping_mul(id).wrapping_mul(7_919) % 1_000);
        let parent = id / 10;
        let span = Span::builder(name).trace_id(1).span_id(id + 1).start(at(id)).end(at(id + 500));
        if id == 0 { span.build() } else { span.parent_id(parent + 1).build() }
    };
    (0..spans).map(span).collect()
}

fn chain(spans: u64) -> Trace {
    let span =
        |id: u64| Span::builder("a").trace_id(1).span_id(id + 1).parent_id(id).start(at(id)).end(at(2 * spans - id));
    (0..spans).map(|id| span(id).build()).collect()
}
