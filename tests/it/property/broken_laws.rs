//! No law holds whatever happens: each has a fault, planted or written into the record of a run, that it notices.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use skyspan::harness::{Happening, Occurrence};
use skyspan::prelude::*;
use skyspan::program::{CallbackSpec, ProgramCallback};
use skyspan::property::{Broken, GeneratedPlan, Interrupt, Interruption, Moment, Op, OpKind, Scenario, Trial};
use skyspan::trace::Trace;

/// A law, a part of what it says of what is wrong, and what is wrong.
type Fault = (fn() -> Law, &'static str, fn(&Law) -> Result<(), Broken>);

const FAULTS: &[Fault] = &[
    (laws::engine_is_idle, "expected idle, found paused", |law| {
        let lab = Harness::new();
        law.check_run(&lab.run(plan(async |p| {
            p.checkpoint().await?;
            p.pause().await
        })))
    }),
    (laws::spans_end, "`forgotten`", |law| {
        of_plan(
            law,
            |_| (),
            |_| {
                plan(async |p| {
                    std::mem::forget(p.env().tracer.start("forgotten", &opentelemetry::Context::new()));
                    p.null().await
                })
            },
        )
    }),
    (laws::trace_is_sound, "parent", |law| law.check_run(&scanned().with_trace(spans([("orphan", 1, 99, 0..10)])))),
    (laws::children_within_parents, "`inner` of", |law| {
        law.check_run(&scanned().with_trace(spans([("outer", 1, 0, 0..10), ("inner", 2, 1, 5..20)])))
    }),
    (laws::clock_never_runs_back, "after ", |law| {
        law.check_run(&doctored(scanned(), |happenings| {
            if let Some(last) = happenings.last_mut() {
                last.time = Timestamp::EPOCH;
            }
        }))
    }),
    (laws::run_spans_are_those_of_runs, "no span for a run", |law| law.check_run(&scanned().with_trace(spans([])))),
    (laws::spans_agree_with_messages, "2 `set` messages, but 0 spans", |law| {
        law.check_run(&scanned().with_trace(spans([])))
    }),
    (laws::parents_are_right, "is under `Bluesky RunEngine wait`", |law| {
        let wrong = [("Bluesky RunEngine wait", 1, 0, 0..10), ("Ophyd Status", 2, 1, 5..10)];
        law.check_run(&scanned().with_trace(spans(wrong)))
    }),
    (laws::documents_are_in_order, "of the start was there before", |law| {
        let run = scanned();
        let documents = run.documents()[..1].iter().chain(run.documents()).cloned().collect();
        law.check_run(&run.with_documents(documents))
    }),
    (laws::events_are_as_described, "an event has det, described are det, motor, motor_setpoint", |law| {
        law.check_run(&with_events(|nth, event| {
            if nth == 2 {
                event.readings.retain(|(key, _)| key == "det");
            }
            true
        }))
    }),
    (laws::events_are_numbered, "event 2 came after 0", |law| law.check_run(&with_events(|nth, _| nth != 1))),
    (laws::uids_of_runs_are_told, "opened were [], told are [", |law| {
        let run = scanned();
        let documents = run.documents()[1..].to_vec();
        law.check_run(&run.with_documents(documents))
    }),
    (laws::left_runs_end_with_the_call, "as of the call, found", |law| {
        let run = chronicled().run(plan(async |p| p.open_run(Map::new()).await.map(drop)));
        law.check_run(&run)?;
        law.check_run(&with_reason(run, "beam lost"))
    }),
    (laws::reasons_are_kept, "the plan failed of \"no light\", and the reason of the call is \"\"", |law| {
        let raises = GeneratedPlan::well_formed([Op::new(OpKind::Raise, [])]);
        of_trial(law, &raises, Scenario::default(), |run| with_reason(run, ""))
    }),
    (laws::devices_are_released, "det was staged, and is not unstaged", |law| {
        // A call that is paused has not released anything.
        let lab = chronicled();
        let det = lab.device("det");
        law.check_run(&lab.run(plan(async move |p| {
            p.stage(&det).await?;
            p.pause().await
        })))
    }),
    (laws::only_waiting_takes_time, "`read(det)`, took 1s", |law| {
        let slow = |lab: &Harness| {
            lab.device("det").fault(skyspan::hardware::Fault::on_read(1).late_by(secs(1.0)));
        };
        of_plan(law, slow, |lab| {
            let det = lab.device("det");
            plan(async move |p| {
                p.read(&det).await?;
                p.null().await
            })
        })
    }),
    (laws::sleeps_are_exact, "`sleep(1.0)`, took 2s", |law| {
        let run = chronicled().run(plan(async |p| {
            p.sleep(1.0).await?;
            p.null().await
        }));
        law.check_run(&run)?;
        law.check_run(&doctored(run, |happenings| later_after("sleep", happenings)))
    }),
    (laws::waits_are_exact, "its statuses are done, or its time is up, at ", |law| {
        law.check_run(&doctored(scanned(), |happenings| later_after("wait", happenings)))
    }),
    (laws::replays_are_exact, "expected `sleep(0.0)` to be done again, found `null()`", |law| {
        let naps = [OpKind::Checkpoint, OpKind::Sleep, OpKind::Null, OpKind::Null];
        let naps = GeneratedPlan::well_formed(naps.map(|kind| Op::new(kind, [])));
        of_trial(law, &naps, paused_at(3), |run| {
            doctored(run, |happenings| {
                let resumed =
                    |it: &Happening| matches!(it.what, Occurrence::State { from: RunEngineState::Paused, .. });
                let resumed = happenings.iter().position(resumed).expect("it is resumed");
                let again = happenings[resumed..].iter().position(|it| matches!(it.what, Occurrence::Message(_)));
                happenings.remove(resumed + again.expect("something is done again"));
            })
        })
    }),
    (laws::the_same_seed_gives_the_same_bytes, "the messages differ, first number 0", |law| {
        of_plan(law, |_| (), |_| another_each_time())
    }),
    (laws::neutral_preprocessors_change_nothing, "the messages differ, first number 0", |law| {
        of_plan(law, |_| (), |_| another_each_time())
    }),
    (laws::pauses_change_nothing, "without a pause the data are", |law| {
        let events = [OpKind::Checkpoint, OpKind::OpenRun, OpKind::Event].map(|kind| Op::new(kind, []));
        of_trial(law, &GeneratedPlan::well_formed(events), paused_at(2), |run| {
            let is_event = |document: &Document| matches!(document, Document::Event(_));
            let documents = run.documents().iter().filter(|document| !is_event(document)).cloned().collect();
            run.with_documents(documents)
        })
    }),
    (laws::finalizers_always_run, "it was not run", |law| {
        let drops = |lab: &Harness| {
            lab.with_engine(|engine| {
                engine.add_preprocessor(|plan| {
                    preprocessors::msg_mutator(plan, |msg| (msg.command() != "finally").then_some(msg))
                });
            });
        };
        of_plan(law, drops, |_| plan(async |p| p.null().await))
    }),
    (laws::reset_positions_come_home, "motor was at ", |law| {
        // It is elsewhere after each move.
        let drifting = |lab: &Harness| {
            let mut moves = 0.0;
            let drift = move |to: f64| {
                moves += 1.0;
                to + moves
            };
            lab.add(SynAxis::new("motor").readback_func(drift));
        };
        of_plan(law, drifting, |lab| {
            let motor = lab.device("motor");
            plan(async move |p| p.mv(&motor, 1).await)
        })
    }),
    (laws::a_second_call_works, "its messages are [\"null\", \"checkpoint\"", |law| {
        let adds = |lab: &Harness| {
            lab.with_engine(|engine| {
                engine.add_preprocessor(|inner| {
                    plan(async move |p| {
                        p.null().await?;
                        p.run(inner).await
                    })
                });
            });
        };
        of_plan(law, adds, |_| plan(async |p| p.null().await))
    }),
];

#[test]
fn each_law_notices_what_is_wrong() {
    let mut unnoticed = String::new();
    for (law, why, fault) in FAULTS {
        let law = law();
        match fault(&law) {
            Err(broken) if broken.law() == Some(&law.name()) && broken.why().contains(why) => {}
            Err(broken) => unnoticed += &format!("{}: expected {why:?}, found {broken}\n", law.name()),
            Ok(()) => unnoticed += &format!("{}: holds\n", law.name()),
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed}");
}

#[test]
fn no_law_is_without_a_fault_that_it_notices() {
    let with_fault: BTreeSet<String> = FAULTS.iter().map(|(law, ..)| law().slug()).collect();
    let all: BTreeSet<String> = laws::all().parts().iter().map(Law::slug).collect();
    assert_eq!(all, with_fault);
}

#[test]
fn the_laws_hold_for_the_runs_whose_records_are_doctored() {
    assert!(laws::standard(&scanned()).is_ok(), "{:?}", laws::standard(&scanned()));
    let same = doctored(scanned(), |_| ());
    assert!(laws::standard(&same).is_ok(), "{:?}", laws::standard(&same));
    assert!(laws::standard(&with_events(|_, _| true)).is_ok());
}

#[test]
fn a_stop_that_no_subscriber_refused_is_the_last_document_of_its_run() {
    let lab = chronicled();
    let listener = ProgramCallback::new(&CallbackSpec::new("listener").failing_at(3, "no space left"));
    lab.with_engine(|engine| {
        engine.add_subscriber(DocumentName::All, listener.subscriber());
        engine.record_interruptions(true);
    });
    lab.at_message(2).pause();
    lab.on_pause([Decision::resume()]);
    let run = lab.run(plan(async |p| {
        p.open_run(Map::new()).await?;
        p.close_run().await
    }));
    let names: Vec<String> = run.documents().iter().map(|document| document.name().to_string()).collect();
    assert_eq!(
        names,
        ["start", "descriptor", "stop", "event", "event"],
        "the pause and the resumption come after the stop"
    );
    let law = laws::documents_are_in_order();
    assert!(law.check_run(&run).is_ok(), "{:?}", law.check_run(&run));
    let as_if_taken = doctored(run, |happenings| happenings.retain(|it| !matches!(it.what, Occurrence::Failure(_))));
    let broken = law.check_run(&as_if_taken).expect_err("nobody refused the stop document");
    assert_eq!(broken.why(), "an event came before its run, or after its end");
}

/// Seed 2026, case 14272: the event of the suspension was held against that of the pause.
#[test]
fn the_events_of_interruptions_are_none_of_what_is_done_again() {
    let lab = chronicled();
    lab.with_engine(|engine| engine.record_interruptions(true));
    lab.at_message(5).pause();
    lab.at_message(7).suspend_for(secs(0.2));
    lab.on_pause([Decision::resume()]);
    let det = lab.device("det");
    let run = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.checkpoint().await?;
        p.create("primary").await?;
        p.read(&det).await?;
        p.save().await?;
        p.close_run().await
    }));
    let numbers: Vec<u64> = run.events().map(|event| event.seq_num).collect();
    assert_eq!(
        numbers,
        [1, 1, 2, 1, 3, 1],
        "those of the pause, the resumption and the suspension have numbers of their own"
    );
    assert!(laws::standard(&run).is_ok(), "{:?}", laws::standard(&run));
}

#[test]
fn what_a_subscriber_refuses_at_its_nth_document_is_no_change_that_a_pause_makes() {
    let caught = [OpKind::Catch, OpKind::OpenRun, OpKind::Event].map(|kind| Op::new(kind, []));
    let caught = GeneratedPlan::well_formed(caught);
    let failing_at = |nth| Scenario {
        callbacks: vec![CallbackSpec::new("listener").failing_at(nth, "no space left")],
        record_interruptions: true,
        ..paused_at(1)
    };
    let trial = caught.try_in(failing_at(3));
    let calm = trial.in_scenario(trial.scenario().undisturbed());
    let is_data = |event: &&skyspan::document::Event| event.readings.iter().all(|(key, _)| key != "interruption");
    let data = |run: &Outcome| run.events().filter(is_data).count();
    assert_ne!(data(trial.run()), data(calm.run()), "it fails at another document");
    let law = laws::pauses_change_nothing();
    assert!(law.applies_to(&trial) && law.check(&trial).is_ok(), "{:?}", law.check(&trial));
    let without_events = |run: Outcome| {
        let is_event = |document: &Document| matches!(document, Document::Event(_));
        let documents = run.documents().iter().filter(|document| !is_event(document)).cloned().collect();
        run.with_documents(documents)
    };
    let broken = of_trial(&law, &caught, failing_at(100), without_events).expect_err("nobody refused the event");
    assert!(broken.why().contains("without a pause the data are"), "{broken}");
}

/// Holds a law against a plan in labs that are furnished so.
fn of_plan(
    law: &Law,
    furnish: impl Fn(&Harness) + Send + Sync + 'static,
    plan: impl Fn(&Harness) -> Plan,
) -> Result<(), Broken> {
    let search = for_all(proptest::strategy::Just(())).forgetful().lab(furnish).cases(1);
    let found = search.plan(move |lab, ()| plan(lab)).try_obey(law.clone()).err();
    found.map_or(Ok(()), |found| {
        assert_eq!(found.law(), Some(&law.name()), "{found}");
        // The search tells the law beside the reason.
        Err(Broken::new(found.why()).of_law(law.name()))
    })
}

/// Holds a law against a generated plan, of whose run another record is kept.
fn of_trial(
    law: &Law,
    plan: &GeneratedPlan,
    scenario: Scenario,
    doctor: impl FnOnce(Outcome) -> Outcome,
) -> Result<(), Broken> {
    let trial: Trial<'_> = plan.try_in(scenario);
    law.check(&trial)?;
    assert!(law.applies_to(&trial), "{} says nothing of it", law.name());
    let doctored = doctor(trial.run().clone());
    law.check(&trial.with_run(doctored))
}

fn paused_at(message: u32) -> Scenario {
    let pause = Interruption { when: Moment::Message(message, secs(0.0)), what: Interrupt::Pause(Decision::resume()) };
    Scenario { interruptions: vec![pause], ..Scenario::default() }
}

fn chronicled() -> Harness {
    Harness::builder().chronicled().build()
}

/// A scan of two points, whose moves take a second.
fn scanned() -> Outcome {
    let lab = chronicled();
    let motor = lab.add(SynAxis::new("motor").delay_s(1.0));
    let det = lab.add(SynSignal::new("det"));
    lab.run(plans::scan(&det, &motor, 0, 10, 2))
}

/// A run of which something else is told than happened.
fn doctored(run: Outcome, change: impl FnOnce(&mut Vec<Happening>)) -> Outcome {
    let chronicle = run.chronicle().cloned().expect("it is kept");
    let mut happenings = chronicle.happenings().to_vec();
    change(&mut happenings);
    run.with_chronicle(chronicle.with_happenings(happenings))
}

/// All that comes after the first message of that command comes a second later.
fn later_after(command: &str, happenings: &mut [Happening]) {
    let is_it = |it: &Happening| matches!(&it.what, Occurrence::Message(msg) if msg.command() == command);
    let at = happenings.iter().position(is_it).expect("there is such a message");
    happenings[at + 1..].iter_mut().for_each(|happening| happening.time = happening.time + secs(1.0));
}

/// The scan with other events: each is changed, and kept if `keep` says so, which gets its number, counted from 1.
fn with_events(mut keep: impl FnMut(usize, &mut skyspan::document::Event) -> bool) -> Outcome {
    let run = scanned();
    let mut nth = 0;
    let documents = run.documents().iter().filter_map(|document| match document {
        Document::Event(event) => {
            nth += 1;
            let mut event = (**event).clone();
            keep(nth, &mut event).then(|| Document::Event(Arc::new(event)))
        }
        other => Some(other.clone()),
    });
    let documents = documents.collect();
    run.with_documents(documents)
}

fn with_reason(run: Outcome, reason: &str) -> Outcome {
    let mut result = run.result().clone();
    result.reason = reason.into();
    run.with_result(result)
}

/// Spans by name, number, number of the parent (0 for none), and nanoseconds.
fn spans<const N: usize>(all: [(&'static str, u64, u64, std::ops::Range<u64>); N]) -> Trace {
    let at = |ns: u64| Timestamp::from_unix_ns(1_700_000_000_000_000_000 + ns);
    let span = |(name, id, parent, time): (&'static str, u64, u64, std::ops::Range<u64>)| {
        let span = skyspan::trace::Span::builder(name).trace_id(1_u128).span_id(id).parent_id(parent);
        span.start(at(time.start)).end(at(time.end)).build()
    };
    Trace::from_spans(all.map(span))
}

/// A plan that sleeps for another time whenever it is made.
fn another_each_time() -> Plan {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    plan(async move |p| p.sleep(f64::from(made)).await)
}
