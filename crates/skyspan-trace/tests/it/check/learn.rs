//! What many good traces have in common, how much it notices, and what becomes of a file into which it is put.

mod merging;
mod origin;
#[cfg(feature = "compression")]
mod recorded;

use skyspan_trace::check::{CheckFile, LearnError, LearnOptions, Learned, learn};
use skyspan_trace::expect::{Mutants, MutationKind};
use skyspan_trace::seed::Seed;
use skyspan_trace::trace::{Event, Span, SpanBuilder, SpanKind, Trace};
use skyspan_trace::value::{Timestamp, Value};

use super::{at, scan};

/// An order that is reserved and charged, with some items, and times that vary by a tenth.
fn order(number: u64) -> Trace {
    order_with(number, "reserve", |_, span| span)
}

/// The same with another name for the span that reserves, and what else is said of each span.
fn order_with(number: u64, reserve: &'static str, also: impl Fn(&str, SpanBuilder) -> SpanBuilder) -> Trace {
    let seed = Seed::new(number).stream("order");
    let us = |ms: f64| (ms * 1_000.0 * (1.0 + 0.05 * seed.normal())) as u64;
    let time = |us: u64| Timestamp::from_unix_ns(1_000_000_000_000 + number * 1_000_000_000 + us * 1_000);
    let part = |id: u64, name: &'static str, from: u64, to: u64| {
        let span = Span::builder(name).trace_id(u128::from(number) + 1).span_id(id).parent_id(1);
        also(name, span.start(time(from)).end(time(to)))
    };
    let mut spans = Vec::new();
    let mut now = 100;
    for item in 0..=number % 3 {
        let took = us(3.0);
        spans.push(
            part(10 + item, "price", now, now + took)
                .attribute("item", item as i64)
                .attribute("cents", 100.0 + us(5.0) as f64)
                .build(),
        );
        now += took + 20;
    }
    let (reserved, charged) = (now + us(8.0), now + us(8.0) + us(20.0) + 10);
    spans.push(
        part(2, reserve, now, reserved)
            .attribute("warehouse", if number.is_multiple_of(2) { "north" } else { "south" })
            .build(),
    );
    let id = format!("{:016x}", seed.next_u64());
    let charge = part(3, "charge", reserved + 10, charged).kind(SpanKind::Client).attribute("payment.id", id);
    spans.push(
        charge.attribute("authorization", "Bearer abcdefgh").event(Event::new("accepted", time(charged))).build(),
    );
    let request =
        Span::builder("POST /order").trace_id(u128::from(number) + 1).span_id(1).start(time(0)).end(time(charged + 50));
    let request = request.attribute("order", number as i64 + 1_000).attribute("http.response.status_code", 201);
    spans.push(also("POST /order", request).build());
    Trace::from_spans(spans)
}

fn orders(number: u64) -> Vec<Trace> {
    (0..number).map(order).collect()
}

fn learned(traces: &[Trace]) -> Learned {
    Learned::of(traces, &LearnOptions::new().mutants(200)).expect("there is something to learn")
}

/// The entry of a rule; nothing if there is none.
fn rule<'l>(learned: &'l Learned, name: &str) -> Option<&'l str> {
    learned.rules().iter().find(|rule| &*rule.name == name).map(|rule| rule.text.as_str())
}

fn file(learned: &Learned) -> CheckFile {
    CheckFile::parse(&learned.to_string()).unwrap_or_else(|error| panic!("{error}\n{learned}"))
}

#[test]
fn what_all_of_them_have_is_said_and_holds_for_each() {
    let traces = orders(20);
    let learned = learned(&traces);
    traces.iter().for_each(|trace| trace.assert(file(&learned)));
    for (name, text) in [
        ("charge: how many", "  count: 1\n"),
        ("price: how many", "  count: 1..=3\n"),
        ("price: where", "  each: {parent: '{ name = \"POST /order\" }'}\n"),
        ("POST /order: where", "  each: {root: true}\n"),
        ("charge: attributes", "      payment.id: {regex: '^[0-9a-f]{16}$'}\n"),
        ("reserve: attributes", "      warehouse: {one_of: [north, south]}\n"),
        ("price: attributes", "      item: {one_of: [0, 1, 2]}\n"),
        ("price: attributes", "      cents: {type: float, between: '"),
        ("charge: how it ends", "    status: unset\n    kind: client\n    ended: true\n"),
        ("charge: events", "  each: {events: [accepted]}\n"),
        ("POST /order: attributes", "      http.response.status_code: 201\n"),
        ("reserve before charge", "  before: '{ name = \"charge\" }'\n"),
        ("no other spans", "name != \"charge\""),
    ] {
        let found = rule(&learned, name).unwrap_or_else(|| panic!("no {name} in\n{learned}"));
        assert!(found.contains(text), "{name}: {text} in\n{found}");
    }
    // Those of the next orders are greater, and where they were says nothing of where they will be.
    assert!(rule(&learned, "POST /order: attributes").unwrap().contains("      order: {type: int}\n"));
    // No secret is written, whatever it is called.
    assert!(rule(&learned, "charge: attributes").unwrap().contains("      authorization: {type: str}\n"));
    assert!(!learned.to_string().contains("Bearer"));
}

#[test]
fn rules_come_by_how_much_they_notice_and_say_in_how_many_traces_they_hold() {
    let reserve = |number: u64| if number.is_multiple_of(3) { "reserve at once" } else { "reserve" };
    let traces: Vec<Trace> = (0..12).map(|number| order_with(number, reserve(number), |_, span| span)).collect();
    let learned = learned(&traces);
    assert!(learned.rules().is_sorted_by_key(|rule| std::cmp::Reverse(rule.noticed)));
    let support = |name: &str| learned.rules().iter().find(|rule| &*rule.name == name).unwrap().support;
    assert_eq!((support("charge: where").holds, support("charge: where").of), (12, 12));
    let at_once = support("reserve at once: where");
    assert_eq!((at_once.holds, at_once.of), (4, 4));
    assert!(rule(&learned, "reserve at once: where").unwrap().contains("  or_none: true\n"));
    assert!(learned.to_string().contains(": in 4 of 4, notices "));
}

#[test]
fn which_of_two_that_go_on_at_once_starts_first_is_a_race_and_not_said() {
    // Both take 40 ms; the second starts so long after the first.
    let race = |left: u64, right: u64| -> Trace {
        let time = |ms: u64| Timestamp::from_unix_ns(1_000_000_000_000 + ms * 1_000_000);
        let span = |id: u64, name: &'static str, from: u64, to: u64| {
            let span = Span::builder(name).trace_id(1).span_id(id).start(time(from)).end(time(to));
            if id == 1 { span.build() } else { span.parent_id(1).build() }
        };
        Trace::from_spans([
            span(1, "order", 0, 100),
            span(2, "left", left, left + 40),
            span(3, "right", right, right + 40),
            span(4, "last", 70, 80),
        ])
    };
    let traces: Vec<Trace> = (0..12).map(|number| race(10, 12 + number % 3)).collect();
    let learned = learned(&traces);
    for name in ["left: what comes before", "right: what comes before", "last: what comes before"] {
        assert_eq!(rule(&learned, name), None, "{learned}");
    }
    assert!(rule(&learned, "left before last").is_some() && rule(&learned, "right before last").is_some(), "{learned}");
    race(12, 10).assert(file(&learned));
}

#[test]
fn what_one_trace_alone_has_says_that_there_is_more_of_its_like() {
    let also = |number: u64| {
        move |name: &str, span: SpanBuilder| match (number, name) {
            (7, "charge") => span.attribute("retries", 1),
            _ => span,
        }
    };
    let traces: Vec<Trace> = (0..12).map(|number| order_with(number, "reserve", also(number))).collect();
    let learned = learned(&traces);
    let charge = rule(&learned, "charge: attributes").unwrap();
    assert!(!charge.contains("only_attributes") && !charge.contains("retries"), "{charge}");
    // A line that would notice it is told, and that it is not right of that trace.
    let added = learned.unnoticed().iter().find(|what| &*what.what == "charge with one more attribute").unwrap();
    assert!(added.line.as_ref().unwrap().contains("only_attributes"), "{added:?}");
}

#[test]
fn what_would_not_have_held_for_the_others_is_given_up() {
    // Two traces of one part have a warehouse of which the others do not tell.
    let also = |number: u64| {
        move |name: &str, span: SpanBuilder| match (number, name) {
            (8 | 18, "reserve") => span.attribute("shelf", "high"),
            (_, "reserve") => span.attribute("shelf", "low"),
            _ => span,
        }
    };
    let traces: Vec<Trace> = (0..20).map(|number| order_with(number, "reserve", also(number))).collect();
    let learned = learned(&traces);
    assert!(rule(&learned, "reserve: attributes").unwrap().contains("      shelf: {type: str}\n"), "{learned}");
    assert!(learned.summary().contains("  reserve: attributes: shelf (2)\n"), "{}", learned.summary());
    let (traces, alarms) = learned.rehearsed();
    assert!(traces == 20 && alarms >= 2);
}

#[test]
fn the_line_that_is_told_notices_what_is_not_noticed() {
    let traces = orders(12);
    let learned = learned(&traces);
    let mut told = 0;
    for what in learned.unnoticed() {
        let Some(line) = &what.line else { continue };
        let check = CheckFile::parse(line).unwrap_or_else(|error| panic!("{error}\n{line}"));
        let support = what.support.expect("it has one");
        let holds = traces.iter().filter(|trace| check.check(trace).expect("it is about spans").holds()).count();
        assert_eq!((holds, 12), (support.holds, support.of), "{line}");
        told += 1;
    }
    assert!(told > 0, "{}", learned.summary());
    let twice =
        learned.unnoticed().iter().find(|what| &*what.what == "price twice").expect("it may be there 1 to 3 times");
    assert!(
        twice.is_within_seen
            && twice.line.as_deref().is_some_and(|line| line.ends_with("count: 2}") || line.ends_with("count: 1}"))
    );
}

#[test]
fn nine_in_ten_mutants_are_noticed_and_good_traces_raise_no_alarm() {
    let learned = Learned::of(&orders(20), &LearnOptions::new()).unwrap();
    for (kind, score) in learned.scores() {
        assert!(score.share() >= 0.9, "{kind}\n{}", learned.summary());
    }
    let check = file(&learned);
    let alarms: Vec<u64> = (100..200).filter(|number| order(*number).check(&check).is_err()).collect();
    assert!(alarms.len() <= 5, "{alarms:?}");
}

#[test]
fn fewer_traces_say_less() {
    let duration = |traces: &[Trace]| -> String {
        let learned = learned(traces);
        rule(&learned, "charge: how long").unwrap().lines().last().unwrap().to_owned()
    };
    let width = |text: &str| -> f64 {
        let range = text.split("duration: ").nth(1).unwrap().trim_end_matches('}').to_owned();
        let ms = |text: &str| text.trim_end_matches(" ms").parse::<f64>().unwrap();
        let (from, to) = range.split_once("..=").unwrap();
        ms(to) / ms(from)
    };
    let (few, some, many) = (duration(&orders(2)), duration(&orders(6)), duration(&orders(40)));
    assert!(width(&many) < width(&some) && width(&many) < width(&few), "{few} {some} {many}");
    assert!(learned(&orders(2)).to_string().contains("too few to say"));
}

#[test]
fn times_are_said_as_it_is_wanted() {
    let with = |options: LearnOptions| Learned::of(&orders(8), &options.mutants(50)).unwrap();
    assert!(!with(LearnOptions::new().without_times()).to_string().contains("duration"));
    assert!(!with(LearnOptions::new().without_times()).scores().contains_key(&MutationKind::Stretched));
    let exact = with(LearnOptions::new().times(0.0));
    let loose = with(LearnOptions::new().times(0.5));
    assert_ne!(rule(&exact, "charge: how long"), rule(&loose, "charge: how long"));
    orders(8).iter().for_each(|trace| trace.assert(file(&exact)));
}

#[test]
fn nothing_can_be_learned_from_nothing() {
    assert_eq!(learn(&[]).unwrap_err(), LearnError::NoTraces);
    let error = learn(&[order(1), order(2), Trace::default()]).unwrap_err();
    assert_eq!(error, LearnError::EmptyTrace { place: 2 });
    assert_eq!(error.to_string(), "expected traces with spans, found none in the 3rd trace");
    // One trace is little, and something.
    let one = learned(&[scan()]);
    scan().assert(file(&one));
    assert!(one.score().noticed > 0);
}

#[test]
fn it_holds_for_whatever_names_and_values_there_are() {
    let odd = [
        "two  spaces",
        "{braces}",
        "\"quoted\"",
        "it's",
        "line\nfeed",
        "*",
        "",
        "é…",
        "tab\there",
        "a: b",
        "# c",
        "no",
        "5",
        "名前",
        "job-3fa9c1",
        "GET /7/8",
        "\u{1}",
        "\u{1b}[31m",
        "a\\b",
    ];
    let values: [Value; 14] = [
        f64::NAN.into(),
        f64::INFINITY.into(),
        i64::MIN.into(),
        Value::Null,
        true.into(),
        "".into(),
        "line\nfeed".into(),
        "\u{1b}".into(),
        Value::from([1.5, 2.0]),
        Vec::<Value>::new().into(),
        1e300.into(),
        (-0.0).into(),
        Value::BigInt("123456789012345678901234567890".into()),
        skyspan_trace::value::Map::from_iter([("regex", "a")]).into(),
    ];
    let trace = |number: u64| -> Trace {
        let mut spans = Vec::new();
        for (id, name) in (1_u64..).zip(odd) {
            let value = values[(id as usize) % values.len()].clone();
            let span: SpanBuilder =
                Span::builder(name.to_owned()).trace_id(1).span_id(id).start(at(id + number)).end(at(id + number + 3));
            let span = span
                .attribute(name.to_owned(), value.clone())
                .attribute("varies", values[(id + number) as usize % values.len()].clone());
            let span = span.attribute("device_name", name.to_owned());
            spans.push(if id % 3 == 0 { span.parent_id(id - 1).build() } else { span.build() });
            // The same id twice, and one that never ends.
            if id % 7 == 0 {
                spans.push(Span::builder(name.to_owned()).trace_id(1).span_id(id).start(at(id)).build());
            }
        }
        Trace::from_spans(spans)
    };
    for number in [1, 2, 6] {
        let traces: Vec<Trace> = (0..number).map(trace).collect();
        let learned = learned(&traces);
        traces.iter().for_each(|trace| trace.assert(file(&learned)));
        assert!(learned.summary().contains(" are noticed "));
    }
}

#[test]
fn what_is_within_what_was_seen_is_seen() {
    // What is held to account must not excuse itself: a mutant lies within what was seen if a trace like it was.
    let traces = orders(12);
    let learned = learned(&traces);
    let check = file(&learned);
    let beyond = Mutants::of(&traces[0]).only([MutationKind::Renamed, MutationKind::Moved, MutationKind::LeftOpen]);
    assert!(beyond.check(&check).unwrap().survivors().is_empty());
    for kind in [MutationKind::Renamed, MutationKind::Moved, MutationKind::LeftOpen, MutationKind::Retyped] {
        assert_eq!(learned.scores()[&kind].within_seen, 0, "{kind}");
    }
}

#[test]
fn programs_get_all_of_it() {
    let json = serde_json::to_value(learned(&orders(6))).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["traces"], 6);
    assert_eq!(json["rehearsed"]["traces"], 6);
    assert!(json["rules"][0]["text"].as_str().unwrap().starts_with("- name: "));
    assert_eq!(json["rules"][0]["support"]["of"], 6);
    assert!(json["kinds"]["dropped"]["made"].as_u64().unwrap() > 0);
    assert!(json["unnoticed"].is_array());
}
