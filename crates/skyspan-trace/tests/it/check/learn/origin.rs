//! What is learned of the attributes of events, and of resources.

use serde_json::json;
use skyspan_trace::trace::{Event, Resource, Span, SpanBuilder, Trace};
use skyspan_trace::value::{IntoEntries, Timestamp};

use super::{file, learned, order_with, rule};

/// An event of a span that charges, with these attributes.
fn event(name: &'static str, number: u64, attributes: impl IntoEntries) -> Event {
    Event::new(name, Timestamp::from_unix_ns(1_000_000_000_000 + number * 1_000_000_000)).with_attributes(attributes)
}

/// Orders of which more is said of each span.
fn orders(number: u64, also: impl Fn(u64, &str, SpanBuilder) -> SpanBuilder) -> Vec<Trace> {
    (0..number).map(|number| order_with(number, "reserve", |name, span| also(number, name, span))).collect()
}

fn asked(number: u64, name: &str, span: SpanBuilder) -> SpanBuilder {
    let cents = 500 + (number * 37) % 11;
    match name {
        "charge" => span.event(event(
            "asked",
            number,
            json!({"bank": "north", "cents": cents, "token": format!("{:016x}", number * 77_777), "password": "hunter2"}),
        )),
        _ => span,
    }
}

/// The same traces with the events of a span changed.
fn with_events(trace: &Trace, change: impl Fn(Event) -> Event) -> Trace {
    let changed = |span: &Span| {
        let attributes = span.attributes().iter().map(|(key, value)| (key.clone(), value.clone()));
        let made = Span::builder(span.name().to_owned())
            .trace_id(span.trace_id())
            .span_id(span.span_id())
            .kind(span.kind().clone())
            .start(span.start())
            .end(span.end().expect("it has ended"))
            .attributes(attributes.collect::<skyspan_trace::trace::Attributes>());
        let made = span.parent_id().into_iter().fold(made, SpanBuilder::parent_id);
        span.events().iter().cloned().fold(made, |made, event| made.event(change(event))).build()
    };
    Trace::from_spans(trace.spans().map(|span| changed(span.span())).collect::<Vec<_>>())
}

#[test]
fn what_the_attributes_of_events_are_is_said_and_another_is_noticed() {
    let traces = orders(20, asked);
    let learned = learned(&traces);
    let text = rule(&learned, "charge: events").unwrap();
    for said in
        ["{name: asked, attributes: {bank: north, cents: {type: int, between: '4", "password: {type: str}", "accepted]"]
    {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    // No secret is written.
    assert!(!text.contains("hunter2"), "{text}");
    let check = file(&learned);
    traces.iter().for_each(|trace| trace.assert(&check));
    with_events(&traces[3], |event| event).assert(&check);
    for attributes in [
        json!({"bank": "south", "cents": 505, "token": "00000000000000aa", "password": "x"}),
        json!({"bank": "north", "cents": 99_505, "token": "00000000000000aa", "password": "x"}),
        json!({"bank": "north", "cents": "505", "token": "00000000000000aa", "password": "x"}),
        json!({"bank": "north", "token": "00000000000000aa", "password": "x"}),
    ] {
        let other = with_events(&traces[3], |event| match &*event.name {
            "asked" => Event {
                attributes: Event::new("", event.timestamp).with_attributes(attributes.clone()).attributes,
                ..event
            },
            _ => event,
        });
        let error = other.check(&check).expect_err("it is another");
        assert!(error.to_string().contains("charge: events"), "{error}");
    }
}

#[test]
fn values_of_events_that_would_not_have_held_for_the_others_are_of_a_type() {
    let traces = orders(20, |number, name, span| match name {
        "charge" => {
            span.event(event("asked", number, json!({"bank": if number % 10 == 8 { "south" } else { "north" }})))
        }
        _ => span,
    });
    let learned = learned(&traces);
    let text = rule(&learned, "charge: events").unwrap();
    assert!(text.contains("{name: asked, attributes: {bank: {type: str}}}"), "{text}");
}

#[test]
fn of_events_whose_number_varies_the_attributes_of_those_that_all_have_are_said() {
    let traces = orders(12, |number, name, span| match name {
        "charge" => (0..number % 3).fold(asked(number, name, span), |span, nth| {
            span.event(event("retry", number, json!({"nth": nth as i64})))
        }),
        _ => span,
    });
    let learned = learned(&traces);
    let text = rule(&learned, "charge: events").unwrap();
    assert!(text.contains("or_more: true") && text.contains("bank: north") && !text.contains("nth"), "{text}");
    traces.iter().for_each(|trace| trace.assert(file(&learned)));
}

#[test]
fn what_all_resources_have_is_said_once_and_what_some_have_of_their_spans() {
    let shop = |number: u64, service: &str| {
        Resource::new(json!({
            "service.name": service,
            "deployment.environment.name": "test",
            "host.name": format!("machine-{}", number % 2),
            "process.pid": 4_000 + (number * 37) as i64 % 11,
            "telemetry.sdk.version": "1.45.1",
        }))
    };
    let traces = orders(12, |number, name, span| match name {
        "charge" => span.resource(shop(number, "bank")),
        _ => span.resource(shop(number, "shop")),
    });
    let learned = learned(&traces);
    let expected = "\
- name: resource
  spans: '{}'
  each:
    resource:
      deployment.environment.name: test
      host.name: {type: str}
      process.pid: {type: int}
      telemetry.sdk.version: {type: str}
";
    assert_eq!(rule(&learned, "resource"), Some(expected), "{learned}");
    let bank = rule(&learned, "charge: resource").unwrap();
    assert!(bank.ends_with("  each:\n    resource:\n      service.name: bank\n"), "{bank}");
    let check = file(&learned);
    traces.iter().for_each(|trace| trace.assert(&check));
    // Another machine is all right, and another service is not.
    let next = |service: &'static str, environment: &'static str| {
        order_with(40, "reserve", |name, span| {
            let service = if name == "charge" { "bank" } else { service };
            let mut entries =
                vec![("host.name", "other".into()), ("process.pid", skyspan_trace::value::Value::from(7))];
            entries.extend([("telemetry.sdk.version", "9".into()), ("service.name", service.into())]);
            entries.push(("deployment.environment.name", environment.into()));
            span.resource(Resource { attributes: entries.into_iter().collect(), ..Resource::default() })
        })
    };
    next("shop", "test").assert(&check);
    assert!(next("store", "test").check(&check).unwrap_err().to_string().contains("service.name"));
    assert!(next("shop", "production").check(&check).unwrap_err().to_string().contains("deployment.environment.name"));
}
