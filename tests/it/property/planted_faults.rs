//! Ten faults that are planted into what runs plans, or into what it tells, each with the law that notices it. The test of how short
//! a search makes what it finds and the benchmark of how long it takes share them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use skyspan::harness::{Happening, Occurrence};
use skyspan::prelude::*;
use skyspan::property::{Campaign, Trial};
use skyspan::trace::{Span, Trace};

/// A fault, and the law that notices it.
pub(crate) struct PlantedFault {
    pub(crate) name: &'static str,
    law: fn() -> Law,
    fault: Planted,
}

/// Where a fault is.
#[derive(Clone, Copy)]
enum Planted {
    /// In the lab.
    Lab(fn(&Harness)),
    /// In what is told of a run; nothing where it does not come to it.
    Record(fn(&Outcome) -> Option<Outcome>),
}

impl PlantedFault {
    /// A search that finds it.
    pub(crate) fn campaign(&self, seed: u64) -> Campaign {
        let law = (self.law)();
        match self.fault {
            Planted::Lab(plant) => Campaign::new(seed, law).lab(plant),
            Planted::Record(doctor) => {
                let (name, applies) = (law.name(), law.clone());
                let of_doctored = move |trial: &Trial<'_>| match doctor(trial.run()) {
                    None => Ok(()),
                    Some(doctored) => law.check(&trial.again().with_run(doctored)),
                };
                let of_doctored = Law::of_trial(name, of_doctored);
                Campaign::new(seed, of_doctored.only_where(move |trial| applies.applies_to(trial)))
            }
        }
    }
}

/// All of them.
pub(crate) const ALL: [PlantedFault; 10] = [
    PlantedFault {
        name: "a motor is elsewhere after each move",
        law: laws::reset_positions_come_home,
        fault: Planted::Lab(|lab| {
            let mut moves = 0.0;
            let drift = move |to: f64| {
                moves += 1.0;
                to + moves
            };
            lab.add(SynAxis::new("motor").readback_func(drift));
        }),
    },
    PlantedFault {
        name: "the third event of a stream is lost",
        law: laws::events_are_numbered,
        fault: Planted::Record(|run| {
            without(run, |document, _| matches!(document, Document::Event(it) if it.seq_num == 3))
        }),
    },
    PlantedFault {
        name: "a run in a run has no stop document",
        law: laws::documents_are_in_order,
        fault: Planted::Record(|run| without(run, |document, open| matches!(document, Document::Stop(_)) && open > 1)),
    },
    PlantedFault {
        name: "a device that is staged takes a second to be read",
        law: laws::only_waiting_takes_time,
        fault: Planted::Record(|run| {
            let mut staged = Vec::new();
            later_after(run, |msg| {
                staged.extend(msg.command.device().filter(|_| msg.command() == "stage").cloned());
                msg.command() == "read" && msg.command.device().is_some_and(|device| staged.contains(device))
            })
        }),
    },
    PlantedFault {
        name: "a resumed plan leaves out the first message that it is to do again",
        law: laws::replays_are_exact,
        fault: Planted::Record(|run| {
            doctored(run, |happenings| {
                let is_resumed =
                    |it: &Happening| matches!(it.what, Occurrence::State { from: RunEngineState::Paused, .. });
                let resumed = happenings.iter().position(is_resumed)?;
                let is_message = |it: &Happening| matches!(it.what, Occurrence::Message(_));
                let again = happenings[resumed..].iter().position(is_message)?;
                happenings.remove(resumed + again);
                Some(())
            })
        }),
    },
    PlantedFault {
        name: "a wait for two moves ends a second late",
        law: laws::waits_are_exact,
        fault: Planted::Record(|run| {
            let mut moves = 0;
            later_after(run, |msg| {
                let waits = msg.command() == "wait";
                let ends = waits && moves > 1;
                moves = if waits { 0 } else { moves + usize::from(msg.command() == "set") };
                ends
            })
        }),
    },
    PlantedFault {
        name: "a span stays open where a flyer is kicked off in a run",
        law: laws::spans_end,
        fault: Planted::Record(|run| {
            let opened = run.messages().iter().position(|msg| msg.command() == "open_run")?;
            run.messages()[opened..].iter().find(|msg| msg.command() == "kickoff")?;
            let open = Span::builder("forgotten").trace_id(1_u128).span_id(1_u64).start(Timestamp::EPOCH).build();
            Some(
                run.clone()
                    .with_trace(run.trace().spans().map(|span| (*span).clone()).chain([open]).collect::<Trace>()),
            )
        }),
    },
    PlantedFault {
        name: "no finalizer runs where something is monitored",
        law: laws::finalizers_always_run,
        fault: Planted::Lab(|lab| {
            lab.with_engine(|engine| {
                engine.add_preprocessor(|inner| {
                    let mut is_monitored = false;
                    preprocessors::msg_mutator(inner, move |msg| {
                        is_monitored |= msg.command() == "monitor";
                        (!is_monitored || msg.command() != "finally").then_some(msg)
                    })
                });
            });
        }),
    },
    PlantedFault {
        name: "a call after one that collected begins with a null",
        law: laws::a_second_call_works,
        fault: Planted::Lab(|lab| {
            let has_collected = Arc::new(AtomicBool::new(false));
            lab.with_engine(move |engine| {
                engine.add_preprocessor(move |inner| {
                    let (before, now) = (has_collected.load(Ordering::Relaxed), Arc::clone(&has_collected));
                    let inner = preprocessors::msg_mutator(inner, move |msg| {
                        now.fetch_or(msg.command() == "collect", Ordering::Relaxed);
                        Some(msg)
                    });
                    plan(async move |p| {
                        if before {
                            p.null().await?;
                        }
                        p.run(inner).await
                    })
                });
            });
        }),
    },
    PlantedFault {
        name: "the reason is lost where a plan fails in a run",
        law: laws::reasons_are_kept,
        fault: Planted::Record(|run| {
            run.exception()?;
            let first = run.documents().first()?;
            let mut result = run.result().clone();
            result.reason = if matches!(first, Document::Start(_)) { "".into() } else { result.reason };
            Some(run.clone().with_result(result))
        }),
    },
];

/// A run without the documents for which `is_lost` says so, which gets each with how many runs are open.
fn without(run: &Outcome, is_lost: impl Fn(&Document, usize) -> bool) -> Option<Outcome> {
    let mut open = 0;
    let kept = run.documents().iter().filter(|document| {
        open += usize::from(matches!(document, Document::Start(_)));
        let is_lost = is_lost(document, open);
        open -= usize::from(matches!(document, Document::Stop(_)));
        !is_lost
    });
    let kept: Vec<Document> = kept.cloned().collect();
    (kept.len() < run.documents().len()).then(|| run.clone().with_documents(kept))
}

/// A run of which something else is told than happened.
fn doctored(run: &Outcome, change: impl FnOnce(&mut Vec<Happening>) -> Option<()>) -> Option<Outcome> {
    let chronicle = run.chronicle()?.clone();
    let mut happenings = chronicle.happenings().to_vec();
    change(&mut happenings)?;
    Some(run.clone().with_chronicle(chronicle.with_happenings(happenings)))
}

/// A run in which all comes a second later that comes after the first message for which `is_it` says so.
fn later_after(run: &Outcome, mut is_it: impl FnMut(&Msg) -> bool) -> Option<Outcome> {
    doctored(run, |happenings| {
        let at = happenings.iter().position(|it| matches!(&it.what, Occurrence::Message(msg) if is_it(msg)))?;
        happenings[at + 1..].iter_mut().for_each(|happening| happening.time = happening.time + secs(1.0));
        Some(())
    })
}
