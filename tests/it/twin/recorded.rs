//! Twins of nights that bluesky's RunEngine was recorded in, with devices whose times are known: `fixtures/twin`.

use std::path::{Path, PathBuf};

use skyspan::harness::Chance;
use skyspan::prelude::*;
use skyspan::program::Program;
use skyspan::trace::Trace;
use skyspan::twin::{Night, Twin};
use skyspan::value::from_json;

/// Nights with one thing each that is to be told.
const NIGHTS: [&str; 7] = ["ramp", "exposures", "grid", "axes", "beamtime", "flights", "stalls"];
const SEVERAL: [&str; 3] = ["monday", "tuesday", "wednesday"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/twin").join(name)
}

fn trace(name: &str) -> Trace {
    Trace::read(folder(name).join("spans.json")).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn night(name: &str) -> Night {
    let documents = Night::read_documents(folder(name).join("documents.jsonl"));
    Night::new(trace(name)).documents(documents.unwrap_or_else(|error| panic!("{error}"))).name(name)
}

#[track_caller]
fn twin(nights: &[Night]) -> Twin {
    Twin::of(nights).unwrap_or_else(|error| panic!("{error}"))
}

/// What the devices of a night were made with.
fn truth(name: &str) -> Vec<(String, String, f64)> {
    let text =
        std::fs::read_to_string(folder(name).join("truth.json")).unwrap_or_else(|error| panic!("{name}: {error}"));
    let truth = from_json(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let devices = truth.as_map().expect("a map").iter();
    let of_device = |(device, options): (&skyspan::value::Text, &skyspan::value::Value)| {
        let options = options.as_map().into_iter().flat_map(skyspan::value::Map::iter);
        let numbers = options.filter_map(|(option, value)| Some((option.to_string(), value.as_f64()?)));
        numbers.map(|(option, value)| (device.to_string(), option, value)).collect::<Vec<_>>()
    };
    devices.flat_map(of_device).collect()
}

#[test]
fn each_parameter_is_what_it_was_to_within_its_error() {
    let mut wrong = Vec::new();
    for name in NIGHTS {
        let twin = twin(&[night(name)]);
        for (device, option, value) in truth(name) {
            let fitted = twin.device(&device).and_then(|device| {
                let late = format!("late by ({option})");
                device.parameter(&option).or(device.parameter(&late))
            });
            let Some(fitted) = fitted else {
                wrong.push(format!("{name}: {device} has no {option}"));
                continue;
            };
            if (fitted.value - value).abs() > fitted.error.unwrap_or(1e-9) {
                wrong.push(format!("{name}: {device} has a {option} of {fitted}, and was made with {value}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_twin_is_as_long_as_the_night_wait_by_wait() {
    for name in NIGHTS {
        let night = night(name);
        let twin = twin(std::slice::from_ref(&night));
        let compared = twin.compare(&night, 0).unwrap_or_else(|error| panic!("{name}: {error}\n{}", twin.to_yaml()));
        let all = std::iter::once(&compared.total).chain(&compared.waits);
        assert!(all.clone().all(skyspan::twin::ComparedWait::is_within), "{name}:\n{compared}\n{}", twin.to_yaml());
        // The error that is stated says something.
        let error_s = compared.total.error.as_secs_f64();
        assert!(error_s < 0.1 * compared.total.night.as_secs_f64(), "{name}:\n{compared}");
        assert_eq!(compared.is_success, name != "stalls", "{name}");
    }
}

#[test]
fn the_file_of_a_twin_says_what_the_twin_is() {
    for name in NIGHTS {
        let twin = twin(&[night(name)]);
        let text = twin.to_yaml();
        let read = Program::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        assert_eq!(read.to_yaml(), twin.program().to_yaml(), "{name}");
        let is_marked = |line: &&str| line.trim_start().starts_with("- {") && line.contains("  # inferred: ");
        assert_eq!(text.lines().filter(is_marked).count() as u64, twin.inferred, "{name}\n{text}");
    }
}

#[test]
fn a_twin_leaves_the_spans_of_its_night() {
    for name in ["ramp", "exposures", "grid", "axes", "beamtime", "flights"] {
        let twin = twin(&[night(name)]);
        let outcome = Harness::new().run_program(twin.program()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let names = |trace: &Trace| {
            let mut names: Vec<String> = trace.spans().map(|span| span.name().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(outcome.trace()), names(&trace(name)), "{name}");
    }
}

#[test]
fn the_documents_of_a_twin_have_the_events_of_its_night() {
    for name in NIGHTS {
        let documents = Night::read_documents(folder(name).join("documents.jsonl")).expect("they are there");
        let twin = twin(&[Night::new(trace(name)).documents(documents.clone())]);
        let outcome = Harness::new().run_program(twin.program()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let counts = |documents: &mut dyn Iterator<Item = &Document>| {
            let mut counts = [0; 3];
            for document in documents {
                match document {
                    Document::Start(_) => counts[0] += 1,
                    Document::Event(_) => counts[1] += 1,
                    Document::Stop(_) => counts[2] += 1,
                    _ => {}
                }
            }
            counts
        };
        let of_twin = outcome.items().iter().filter_map(|item| item.call()).flat_map(Outcome::documents);
        let mut of_twin = of_twin.collect::<Vec<_>>().into_iter();
        assert_eq!(counts(&mut of_twin), counts(&mut documents.iter()), "{name}\n{}", twin.to_yaml());
    }
}

#[test]
fn without_documents_the_times_are_the_same() {
    let night = Night::new(trace("ramp"));
    let twin = twin(std::slice::from_ref(&night));
    let velocity = twin.device("stage").and_then(|stage| stage.parameter("velocity")).expect("it moves");
    assert!((velocity.value - 2.0).abs() < velocity.error.expect("many moves"), "{velocity}");
    assert!(twin.untold.iter().any(|untold| untold.contains("there are no documents")), "{:?}", twin.untold);
    let compared = twin.compare(&night, 0).expect("it runs");
    assert!(compared.total.is_within(), "{compared}");
}

#[test]
fn a_hiccup_and_a_failure_are_in_the_twin_as_faults() {
    let late = twin(&[night("beamtime")]).to_yaml();
    let fault = late.lines().find(|line| line.contains("kind: late")).expect("the stage was late once");
    assert!(
        fault.starts_with("  - {device: stage, nth: 6, kind: late, by: 0.6") || fault.contains("by: 0.7"),
        "{fault}"
    );
    let stalls = twin(&[night("stalls")]);
    let text = stalls.to_yaml();
    assert!(text.contains("{device: stage, nth: 5, kind: fail, message: stalled, after: 0.3"), "{text}");
    let outcome = Harness::new().run_program(stalls.program()).expect("it is a program");
    let statuses: Vec<_> = outcome.items().iter().filter_map(|item| item.call()).map(Outcome::exit_status).collect();
    assert_eq!(statuses, [Fail, Success]);
}

#[test]
fn several_nights_give_distributions() {
    let nights: Vec<Night> = SEVERAL.map(night).into();
    let twin = twin(&nights);
    let chance = Chance::of(twin.program(), 0..60).expect("it runs");
    assert!(chance.times.max > chance.times.min, "{chance}");
    // Each night could have been one of these.
    for name in SEVERAL {
        let took = trace(name).statistics().duration;
        let beyond = secs(0.3);
        assert!(took + beyond > chance.times.min && took < chance.times.max + beyond, "{name} took {took:?}\n{chance}");
    }
    let velocity = twin.device("stage").and_then(|stage| stage.parameter("velocity")).expect("it moves");
    assert!((velocity.value - 3.0).abs() < velocity.error.expect("many moves"), "{velocity}");
}

#[test]
fn tomorrow_is_estimated_with_the_devices_of_last_night() {
    let twin = twin(&[night("ramp")]);
    let tomorrow = Program::parse(
        "
devices:
  - {name: stage, class: SimMotor, value: 5, velocity: 100}
items:
  - {item_type: plan, name: scan, args: [[camera], stage, 0, 10, 3]}
",
    );
    let tomorrow = tomorrow.unwrap_or_else(|error| panic!("{error}")).with_devices_of(twin.program());
    let outcome = Harness::new().run_program(&tomorrow).expect("it has all its devices");
    let took = outcome.last_call().map(Outcome::duration).expect("a call").as_secs_f64();
    // Three moves of 5 mm at 2 mm/s, with 0.3 s to accelerate and a latency of 0.05 s, and three exposures of 0.14 s.
    let expected = 3.0 * (2.5 + 0.3 + 0.05 + 0.14);
    assert!((took - expected).abs() < 0.05 * expected, "{took} s, expected {expected} s");
}
