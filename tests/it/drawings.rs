//! Traces are drawn as the pictures in `fixtures/drawings` show, and no line is wider than the terminal.

use std::path::PathBuf;

use skyspan::clock::Timestamp;
use skyspan::engine::{SpanConvention, Suspender};
use skyspan::hardware::SimBeam;
use skyspan::prelude::*;
use skyspan::trace::{Drawing, Event, Resource, Span, SpanBuilder, SpanKind, Status, Trace};
use skyspan_trace::internal::width_of;

const WIDTHS: [usize; 4] = [40, 80, 120, 200];

/// Holds a drawing against its pictures, one for each width.
#[track_caller]
fn is_as_pictured(name: &str, drawing: &Drawing<'_>) {
    for width in WIDTHS {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/drawings/{name}-{width}.txt"));
        let drawn = drawing.clone().width(width).to_string();
        if std::env::var_os("SKYSPAN_BLESS").is_some() {
            std::fs::write(&path, &drawn).expect("the picture can be written");
        }
        let picture = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            drawn == picture,
            "{} shows another drawing; SKYSPAN_BLESS=1 makes it anew. This is drawn now:\n{drawn}",
            path.display()
        );
        fits(&drawn, width);
    }
}

#[track_caller]
fn fits(drawn: &str, width: usize) {
    for line in drawn.lines() {
        assert!(width_of(line) <= width, "{} columns, of {width}: {line}", width_of(line));
    }
}

#[test]
fn a_plan_that_fails() {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    stage.fault(Fault::on_set(5).raises("end switch at 7.9 mm"));
    let run = lab.run(plans::scan(&camera, &stage, 0.0, 10.0, 6));
    is_as_pictured("failing", &run.draw());
}

/// A scan that is suspended while the beam is away, and then paused.
fn suspended(convention: SpanConvention) -> Outcome {
    let lab = Harness::builder().convention(convention).build();
    let ring = lab.add(SimBeam::new("ring").current(300.0).drops(2.0, 70.0));
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    lab.with_engine(|engine| {
        engine.install_suspender(&Suspender::floor(&ring, 100).resume_thresh(200).build().expect("it is one"))
    });
    lab.at(secs(75.0)).pause();
    lab.on_pause([Decision::resume().after(secs(30.0))]);
    let run = lab.run(plans::scan(&camera, &stage, 0.0, 10.0, 6));
    run.assert_success();
    run
}

#[test]
fn a_plan_that_is_suspended_and_paused() {
    is_as_pictured("suspended", &suspended(SpanConvention::Nested).draw());
}

#[test]
fn in_the_nested_convention_the_span_of_the_run_tells_of_pauses_and_suspensions() {
    let run = suspended(SpanConvention::Nested);
    let spans = run.trace().named("Bluesky RunEngine run").next().expect("there is a run");
    let events: Vec<&str> = spans.span().events().iter().map(|event| &*event.name).collect();
    assert_eq!(events, ["suspended", "released", "paused", "resumed"]);
    let why = spans.span().events()[0].attributes.get("reason").expect("it has one").to_string();
    assert!(why.contains("ring"), "{why}");
    // So a file says as much as the harness does, and what both say is drawn once.
    let read = Trace::from_console_json(&run.trace().to_console_json()).expect("it is JSON");
    let lulls = |drawn: String| drawn.lines().filter(|line| line.contains('⋯')).map(str::to_owned).collect::<Vec<_>>();
    let [of_harness, of_file] = [run.draw().to_string(), read.draw().to_string()].map(lulls);
    assert_eq!(of_harness, of_file);
    assert!(of_file.iter().any(|line| line.contains("30 s paused")), "{of_file:#?}");
    assert_eq!(of_file.iter().filter(|line| line.contains("suspended: ")).count(), 1, "{of_file:#?}");
    // Bluesky's spans say what bluesky's do.
    let plain = suspended(SpanConvention::Bluesky);
    assert!(plain.trace().spans().all(|span| span.span().events().is_empty()));
    assert!(plain.draw().to_string().contains("30 s paused"));
}

/// A service that asks a database, which does not answer the last time.
fn service() -> Trace {
    let at = |ms: u64| Timestamp::from_unix_ns(1_718_700_056_000_000_000 + ms * 1_000_000);
    let made = |name: &str, id: u64, parent: u64, start: u64, end: u64| -> SpanBuilder {
        Span::builder(name.to_owned()).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(end))
    };
    let process = |name: &str| Resource::new([("service.name", name)]);
    let (shop, stock) = (process("shop"), process("stock"));
    let mut spans = vec![
        made("POST /orders/{id}/pay", 1, 0, 0, 2_400)
            .kind(SpanKind::Server)
            .attribute("http.route", "/orders/{id}/pay")
            .attribute("http.response.status_code", 504)
            .resource(shop.clone())
            .status(Status::error("TimeoutError: stock did not answer within 2 s")),
        made("authenticate", 2, 1, 3, 41).attribute("user", "数据@example.org").resource(shop.clone()),
    ];
    for row in 0..30 {
        let start = 60 + 4 * row;
        let query = made("SELECT items", 10 + row, 1, start, start + 3).kind(SpanKind::Client);
        spans.push(query.attribute("db.row", row).resource(shop.clone()));
    }
    spans.push(
        made("GET stock", 3, 1, 390, 2_390)
            .kind(SpanKind::Client)
            .attribute("url.full", "http://stock.example.org/v1/reservations/4711?include=all")
            .resource(shop)
            .status(Status::error("deadline exceeded")),
    );
    spans.push(
        made("reserve", 4, 3, 400, 2_395)
            .kind(SpanKind::Server)
            .event(Event::new("lock awaited", at(402)))
            .resource(stock.clone()),
    );
    spans.push(made("lock", 5, 4, 402, 2_394).resource(stock));
    Trace::from_spans(spans.into_iter().map(SpanBuilder::build))
}

#[test]
fn a_rust_service() {
    is_as_pictured("service", &service().draw());
}

#[test]
fn a_recording_of_bluesky() {
    let trace = Trace::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/recordings/tuning/spans.json"));
    is_as_pictured("recording", &trace.expect("it is there").draw());
}

#[test]
fn of_a_hundred_thousand_spans_a_drawing_is_a_screen() {
    let at = |ms: u64| Timestamp::from_unix_ns(1_718_700_056_000_000_000 + ms * 1_000_000);
    let root = Span::builder("batch").trace_id(1).span_id(1).start(at(0)).end(at(10_000_000));
    let spans = (2..=100_000_u64).map(|id| {
        let start = 100 * id;
        let span = Span::builder(if id % 10 == 0 { "store" } else { "take" });
        let span = span.trace_id(1).span_id(id).parent_id(1).start(at(start)).end(at(start + 40 + id % 7));
        if id == 77_777 { span.status(Status::error("disk full")).build() } else { span.build() }
    });
    let trace = Trace::from_spans(std::iter::once(root.build()).chain(spans));
    for width in WIDTHS {
        let drawn = trace.draw().width(width).to_string();
        fits(&drawn, width);
        assert!(drawn.lines().count() < 40, "{drawn}");
        assert!(drawn.contains("100,000 spans") && drawn.contains("disk full"), "{drawn}");
    }
}
