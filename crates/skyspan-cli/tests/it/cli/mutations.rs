//! Whatever a plan file holds, reading and running it neither panics nor hangs.

use skyspan::harness::Harness;
use skyspan::program::{Item, Program, Step};

/// A plan file with something of everything.
const RICH: &str = r#"resource: {service.name: rich, zone: {a: 1}}
engine: {md: {who: me, scan_id: 5}}
devices:
  - {name: x, class: SynAxis, delay: 0.5, value: 0, events_per_move: 2, egu: mm}
  - {name: spot, class: SynGauss, motor: x, motor_field: x, center: 0, Imax: 1, sigma: 1, noise: poisson}
  - {name: bad, class: SynAxis, fault: {kind: fail, nth: 2, message: stalled, after: 0.01}}
  - {name: shot, class: SynSignal, exposure_time: 0.1}
  - {name: table, class: LocatableSynAxis}
callbacks: [{name: quiet}, {name: strict, fault: {nth: 3, message: dark}}]
items:
  - {item_type: plan, name: scan, args: [[spot, shot], x, 0, 1, bad, 1, 2, 3], meta: {sample: A}}
  - {item_type: plan, name: count, args: [[det]], kwargs: {num: 2, delay: [0.2, 1]}}
  - item_type: messages
    messages:
      - wrap: run
        md: {purpose: test}
        body:
          - {command: create, kwargs: {name: primary}}
          - {command: read, obj: spot.Imax}
          - {command: save}
          - wrap: contingency
            auto_raise: false
            except: [{command: open_shutter, args: [det, 1, "é"]}]
            final: [{plan: {name: mv, args: [motor, 0]}}]
            body:
              - {span: inner, body: [{raise: no light}]}
          - {repeat: 2, body: [{command: set, obj: x, args: [1], kwargs: {group: g}, run: 1}]}
          - {command: wait, kwargs: {group: g, timeout: 0.1, error_on_timeout: false}}
          - {command: sleep, args: [0.5]}
          - wrap: stage
            devices: [det, x]
            body: [{plan: {name: trigger_and_read, args: [[det, x]]}}]
  - item_type: messages
    subs: {event: [strict], all: [quiet]}
    input: ["yes", "no"]
    at:
      - {message: 3, do: pause}
      - {message: 6, after_s: 0.2, do: abort, reason: late}
      - {message: 2, set: {sig: 1}}
      - {after_s: 0.1, do: suspend, for_s: 0.5, justification: top-up}
    on_pause: [pause, call, {set: {bool_sig: 1}}, {sleep: 0.1}, resume, {do: abort, reason: why}]
    messages:
      - {show: {command: subscribe, args: [quiet, start]}}
      - {command: unsubscribe, kwargs: {token: quiet}}
      - {show: {command: input}}
      - {catch: [{command: wait_for, args: [[{sleep: 0.1}, {sleep: 0.2, raise: dark}]], kwargs: {timeout: 1}}]}
      - {show: {plan: {name: locate, args: [table]}}}
      - {show: {plan: {name: rd, args: [x]}}}
      - {command: sleep, args: [1]}
      - {raise: "", class: RequestStop}
  - {item_type: request, do: resume}
"#;

/// Reads, compiles and runs a text; gives how far that went.
fn stages_passed(text: &str) -> usize {
    let Ok(file) = Program::parse(text) else { return 0 };
    let lab = Harness::builder().md(file.engine.md.clone()).resource(file.resource.clone()).build();
    let Ok(program) = lab.prepare(&file) else { return 1 };
    if !is_small(&file) {
        return 2;
    }
    for item in program.items() {
        let outcome = item.run(&lab);
        assert!(outcome.call().is_none_or(|call| call.messages().len() < 100_000));
    }
    3
}

/// Whether it does few things: what is done a million times takes its time, and rightly so.
fn is_small(file: &Program) -> bool {
    let devices = file.devices.iter().flat_map(|device| &device.options);
    let few_events = devices
        .filter(|(key, _)| key.value == "events_per_move")
        .all(|(_, node)| node.expect_count("").is_ok_and(|events| events <= 100));
    few_events
        && file.items.iter().all(|item| match item {
            Item::Plan { args, kwargs, .. } => {
                let all = || args.iter().chain(kwargs.iter().map(|(_, node)| node));
                // A count without a number never ends.
                let forever = all().any(|node| node.is_null());
                !forever
                    && all().all(|node| {
                        node.expect_number("").is_ok_and(|n| n.abs() <= 100.0) || node.expect_number("").is_err()
                    })
            }
            Item::Messages { messages, .. } => messages.iter().all(is_small_step),
            Item::Request { .. } => true,
        })
}

fn is_small_step(step: &Step) -> bool {
    let few_rounds = match step {
        Step::Repeat { times, .. } => *times <= 100,
        Step::Until { condition, .. } => condition.at_most <= 100,
        _ => true,
    };
    few_rounds && step.bodies().into_iter().all(|steps| steps.iter().all(is_small_step))
}

#[test]
fn the_rich_file_runs_and_no_beginning_of_it_panics() {
    assert_eq!(stages_passed(RICH), 3);
    let mut reached = [0; 4];
    for (at, _) in RICH.char_indices() {
        reached[stages_passed(&RICH[..at])] += 1;
    }
    assert!(reached[0] > 100 && reached[3] > 10, "{reached:?}");
}

/// Changes the text at each place, each time with the next of many bytes.
fn none_panics(change: impl Fn(&mut Vec<u8>, usize, u8)) {
    // Neighbouring places lie in the same syntax, and take all the bytes in turn.
    let bytes = b"0 9-.[]{}:,x\"'#\n&*!~ne".iter().cycle();
    let mut reached = [0; 4];
    for (at, byte) in (0..RICH.len()).zip(bytes) {
        let mut mutated = RICH.as_bytes().to_vec();
        change(&mut mutated, at, *byte);
        reached[stages_passed(&String::from_utf8_lossy(&mutated))] += 1;
    }
    let [no_file, no_program, _, run] = reached;
    assert!(no_file > 50 && no_program > 50 && run > 50, "{reached:?}");
}

#[test]
fn no_replaced_byte_makes_it_panic_or_hang() {
    none_panics(|text, at, byte| text[at] = byte);
}

#[test]
fn no_inserted_byte_makes_it_panic_or_hang() {
    none_panics(|text, at, byte| text.insert(at, byte));
}

#[test]
fn no_missing_byte_makes_it_panic_or_hang() {
    none_panics(|text, at, _| {
        text.remove(at);
    });
}
