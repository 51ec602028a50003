//! A hundred tests in parallel, each of a whole service on a runtime of its own: no span is lost, none has a wrong parent, and
//! none is another test's.

use axum::Router;
use skyspan_trace::expect::{any, event, every, exactly, forest, link_to, none, one, span};
use skyspan_trace::trace::{Capture, SpanKind, Status, Trace};

/// How many orders a test makes.
const ORDERS: u64 = 4;

/// The `traceparent` with which every test asks, as people copy it from the specification.
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// One test: a few orders at the same time, and what must come of them.
async fn orders_leave_their_spans(app: fn() -> Router, test: u64) {
    let capture = Capture::new();
    let _scope = capture.scope();
    let port = service::serve(app()).await.expect("a port");
    let orders = test * ORDERS..(test + 1) * ORDERS;
    let traceparent = |order: u64| order.is_multiple_of(2).then_some(TRACEPARENT);
    let asked: Vec<_> =
        orders.clone().map(|order| tokio::spawn(service::client::order(port, order, traceparent(order)))).collect();
    for (order, asked) in orders.clone().zip(asked) {
        let expected = if order % 5 == 4 { "HTTP/1.1 402 Payment Required" } else { "HTTP/1.1 200 OK" };
        assert_eq!(asked.await.expect("no panic").expect("an answer"), expected);
    }
    let is_there = |trace: &Trace| trace.named("pack").count() == ORDERS as usize;
    capture.wait_until(is_there).await.expect("each order is packed");
    let trace = capture.settled().await.expect("nothing is open");

    trace.assert(forest([
        span("GET /order").kind(SpanKind::Server).times(ORDERS as usize).children([
            span("reserve").children([span("log")]),
            span("render"),
            span("charge"),
        ]),
        span("ship").kind(SpanKind::Consumer).times(ORDERS as usize).children([span("pack")]),
    ]));
    trace.assert(every(span(any())).ended());
    assert_eq!(trace.defects(), []);
    for order in orders {
        let request = span("GET /order").child(span("charge").attr("order", order as i64));
        let refused = order % 5 == 4;
        let charge = span("charge").attr("order", order as i64);
        trace.assert(one(if refused {
            charge.status_description("no money").event(event("refused").attr("order", order as i64))
        } else {
            charge.status(Status::Unset).events([])
        }));
        let status = if refused { 402 } else { 200 };
        let request = request.attr("http.response.status_code", status);
        trace.assert(one(if order % 2 == 0 {
            request.is_remote_child().remote_parent(0x00f0_67aa_0ba9_02b7)
        } else {
            request
        }));
        trace.assert(one(span("ship").attr("order", order as i64).links([link_to(span("GET /order"))])));
    }
    trace.assert(exactly(ORDERS as usize / 2, span(any()).is_remote_child()));
    trace.assert(none(span(any()).is_remote_child().but(span("GET /order"))));
}

macro_rules! tests {
    ($module:ident, $runtime:meta, $app:path, $first:literal: $($name:ident)*) => {
        mod $module {
            tests!(@each $runtime, $app, $first, $($name)*);
        }
    };
    (@each $runtime:meta, $app:path, $number:expr,) => {};
    (@each $runtime:meta, $app:path, $number:expr, $name:ident $($more:ident)*) => {
        #[$runtime]
        async fn $name() {
            super::orders_leave_their_spans($app, $number).await;
        }
        tests!(@each $runtime, $app, $number + 1, $($more)*);
    };
}

tests!(opentelemetry_on_one_thread, tokio::test, service::by_opentelemetry::app, 0:
    t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25);
tests!(opentelemetry_on_several, tokio::test(flavor = "multi_thread", worker_threads = 3), service::by_opentelemetry::app, 25:
    t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25);
tests!(tracing_on_one_thread, tokio::test, service::by_tracing::app, 50:
    t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25);
tests!(tracing_on_several, tokio::test(flavor = "multi_thread", worker_threads = 3), service::by_tracing::app, 75:
    t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25);
