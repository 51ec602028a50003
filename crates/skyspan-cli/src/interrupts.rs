//! Ctrl-C and SIGTERM during a run in real time, and the question what becomes of a plan that is paused.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};

use skyspan::engine::{CtrlC, Press, RunEngineState};
use skyspan::harness::Harness;
use skyspan::program::PauseAnswer;
use skyspan::program::Request;
use skyspan_trace::internal::lock;

use crate::command::{Ended, errors};

/// The exit code of a process that Ctrl-C has ended, as shells have it.
const ENDED_BY_CTRL_C: i32 = 130;
/// The exit code where a plan did not end with success.
const NO_SUCCESS: i32 = 1;

/// What Ctrl-C, SIGTERM and SIGHUP do in a run in real time.
pub(crate) struct Interrupts {
    state: Arc<Mutex<Pressed>>,
    /// Tells that a call has come back, so that nobody loses patience with it.
    came_back: Sender<()>,
}

struct Pressed {
    ctrl_c: CtrlC,
    /// Whether somebody has asked for a pause since the last answer.
    asked_to_pause: bool,
    /// How the run ends, if it is to end: no item begins any more.
    ended: Option<Ended>,
}

impl Interrupts {
    /// Catches Ctrl-C from now on, for good. Where it is ignored, as in the background, it goes on being ignored.
    pub(crate) fn install(lab: &Harness) -> Self {
        let (came_back, coming_back) = mpsc::channel();
        let pressed = Pressed { ctrl_c: CtrlC::new(lab.handle().clone()), asked_to_pause: false, ended: None };
        let state = Arc::new(Mutex::new(pressed));
        let (pressed, engine, clock) = (Arc::clone(&state), lab.handle().clone(), lab.clock().clone());
        let handler = move || {
            let mut pressed = lock(&pressed);
            match engine.state() {
                // Between two items: there are no more.
                RunEngineState::Idle if pressed.ended.is_none() => pressed.ended = Some(Ended::ByCtrlC),
                // What waits for an answer gets none.
                RunEngineState::Idle | RunEngineState::Paused => std::process::exit(ENDED_BY_CTRL_C),
                _ => press(&mut pressed, clock.now(), &coming_back),
            }
        };
        match ctrlc::try_set_handler(handler) {
            // Whoever started the process in the background has decided that it does not hear of Ctrl-C.
            Ok(()) | Err(ctrlc::Error::MultipleHandlers) => {}
            Err(error) => say(&format!("Ctrl-C will not pause: {error}")),
        }
        #[cfg(unix)]
        end_at_signals(lab, &state);
        Self { state, came_back }
    }

    /// How the run ends, if somebody has ended it.
    pub(crate) fn ended(&self) -> Option<Ended> {
        lock(&self.state).ended
    }

    /// A call begins: what was pressed before does not count.
    pub(crate) fn begin_call(&self, lab: &Harness) {
        let mut pressed = lock(&self.state);
        pressed.ctrl_c = CtrlC::new(lab.handle().clone());
        pressed.asked_to_pause = false;
    }

    /// What becomes of a plan that is paused: one that Ctrl-C has paused is for the one at the terminal, if there is one;
    /// any other for the plan file, and for the terminal where the file says nothing.
    pub(crate) fn decide<'a>(&self, lab: &Harness, planned: &mut impl Iterator<Item = &'a PauseAnswer>) -> PauseAnswer {
        let _ = self.came_back.send(());
        let asked_to_pause = lock(&self.state).asked_to_pause;
        let is_attended = io::stdin().is_terminal();
        let planned = if asked_to_pause && is_attended { None } else { planned.next().cloned() };
        let asked = || if is_attended { ask(lab) } else { Request::Halt };
        let action = planned.unwrap_or_else(|| PauseAnswer::Ask(asked()));
        if asked_to_pause && !matches!(action, PauseAnswer::Ask(Request::Resume)) {
            lock(&self.state).ended.get_or_insert(Ended::ByCtrlC);
        }
        self.begin_call(lab);
        action
    }

    /// A call has come to its end.
    pub(crate) fn end_call(&self) {
        let _ = self.came_back.send(());
    }
}

/// Ends the run at SIGTERM, as `timeout` and service managers send it, and at SIGHUP: the plan is aborted, so that its clean-ups
/// are done, at the next one halted, and at one more given up.
#[cfg(unix)]
fn end_at_signals(lab: &Harness, state: &Arc<Mutex<Pressed>>) {
    use signal_hook::consts::{SIGHUP, SIGTERM};

    let mut signals = match signal_hook::iterator::Signals::new([SIGTERM, SIGHUP]) {
        Ok(signals) => signals,
        Err(error) => return say(&format!("SIGTERM will end it without a record: {error}")),
    };
    let (engine, state) = (lab.handle().clone(), Arc::clone(state));
    std::thread::spawn(move || {
        for (count, signal) in (0_u32..).zip(signals.forever()) {
            let (code, name) = (128 + signal, if signal == SIGHUP { "SIGHUP" } else { "SIGTERM" });
            lock(&state).ended = Some(Ended::BySignal(u8::try_from(signal).unwrap_or_default()));
            let refused = match count {
                _ if engine.state() == RunEngineState::Paused => std::process::exit(code),
                0 => {
                    say(&format!(
                        "ended by {name}: the plan cleans up, and what was recorded is written; a second one ends that"
                    ));
                    engine.abort(format!("ended by {name}"))
                }
                1 => {
                    say("ending the call without asking the plan; one more, and nothing is written");
                    engine.kill();
                    continue;
                }
                _ => std::process::exit(code),
            };
            // Between two items there is nothing to abort, and no item begins any more.
            drop(refused);
        }
    });
}

fn press(pressed: &mut Pressed, now: skyspan::clock::Timestamp, coming_back: &Receiver<()>) {
    match pressed.ctrl_c.press(now) {
        Press::DeferredPause => {
            pressed.asked_to_pause = true;
            say("pausing at the next checkpoint; to pause at once, press Ctrl-C again within 10 seconds");
        }
        Press::Pause => {
            pressed.asked_to_pause = true;
            say("pausing at once");
        }
        Press::Kill => {
            pressed.ended.get_or_insert(Ended::ByCtrlC);
            say("ending the call without asking the plan");
            while coming_back.try_recv().is_ok() {}
            let is_lost = coming_back.recv_timeout(CtrlC::PATIENCE) == Err(RecvTimeoutError::Timeout);
            if is_lost && pressed.ctrl_c.give_up() {
                say("the engine does not answer; nothing is cleaned up");
                std::process::exit(NO_SUCCESS);
            }
        }
        Press::Released => std::process::exit(ENDED_BY_CTRL_C),
        _ => {}
    }
}

/// Asks the one at the terminal what becomes of the paused plan; who goes away without an answer halts it. Time goes on
/// meanwhile for what the devices do: a motor that slows down comes to rest.
fn ask(lab: &Harness) -> Request {
    loop {
        let mut out = io::stderr();
        let _ = write!(out, "skyspan: the plan is paused: resume, abort [REASON], stop or halt? ");
        let _ = out.flush();
        let clock = lab.clock();
        // A clock that is real knows no deadlock.
        let line = clock.block_on(clock.run_blocking(read_line)).ok().flatten();
        let Some(line) = line else { return Request::Halt };
        let (word, reason) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match word {
            "resume" | "r" => return Request::Resume,
            "abort" | "a" => return Request::Abort { reason: reason.trim().to_owned() },
            "stop" | "s" => return Request::Stop,
            "halt" | "h" => return Request::Halt,
            _ => {}
        }
    }
}

/// A line of standard input; nothing where there is none.
fn read_line() -> Option<String> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).unwrap_or(0);
    (read > 0).then_some(line)
}

fn say(what: &str) {
    // Whoever pressed and does not read it sees what happens.
    let _ = writeln!(errors(), "skyspan: {what}");
}
