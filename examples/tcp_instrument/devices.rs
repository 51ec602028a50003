//! The devices: what the engine sees of the instrument. Each has a thread that talks over the line, for a plan must go on
//! while an instrument takes its time; what the engine calls only leaves a job for that thread.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use skyspan::clock::{Clock, OutsideWork};
use skyspan::device::{
    Args, Cx, DataKey, DataKeys, DeviceError, Dtype, HasHints, Hints, Movable, OphydObject, Positioner, Readable,
    Reading, Readings, Status, StatusKind, Stoppable, SyncOrAsync, Triggerable,
};
use skyspan::prelude::*;
use skyspan::value::Value;
use tokio::sync::oneshot;

use super::protocol::{At, InstrumentError, Link, Request};

/// How often a motor that moves is asked where it is.
const POLL: Duration = Duration::from_millis(1);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the thread is to do, and whom it tells.
enum Job {
    /// The status ends when the motor has arrived. [`OutsideWork`] says that somebody works whom the clock cannot see;
    /// without it, the device would not do on a simulated clock.
    Move {
        target: f64,
        status: Status,
        work: OutsideWork,
    },
    Tell {
        request: Request,
        answer: oneshot::Sender<Result<At, InstrumentError>>,
        work: OutsideWork,
    },
}

/// A motor.
pub(crate) struct Motor {
    name: Text,
    jobs: Sender<Job>,
    /// Where it was when somebody last asked.
    position: Arc<Mutex<f64>>,
}

impl Motor {
    /// Asks the instrument where the motor is, and begins to listen to the engine.
    pub(crate) fn connect(name: &str, address: SocketAddr, timeout: Duration) -> Result<Self, InstrumentError> {
        let mut link = Link::new(address, timeout);
        let position = Arc::new(Mutex::new(link.ask_position(Request::Where)?.position));
        let (jobs, to_do) = channel();
        let known = Arc::clone(&position);
        // It ends with the motor, which drops the sender.
        thread::spawn(move || run_motor(link, &to_do, &known));
        Ok(Self { name: name.into(), jobs, position })
    }

    /// Has the instrument asked; gives a future of the answer. The question is on its way also if nobody awaits that.
    fn ask(&self, cx: Cx<'_>, request: Request) -> impl Future<Output = Result<At, DeviceError>> + use<> {
        let (answer, answered) = oneshot::channel();
        let sent = self.jobs.send(Job::Tell { request, answer, work: cx.clock().outside_work() });
        async move {
            let gone = |_| DeviceError::other("RuntimeError", "the thread of the motor is gone");
            sent.map_err(|_| gone(()))?;
            Ok(answered.await.map_err(|_| gone(()))??)
        }
    }
}

/// A move that is under way.
struct Moving {
    target: f64,
    status: Status,
    _work: OutsideWork,
}

impl Moving {
    /// Ends its status: it is done, or why it has failed.
    fn end(self, outcome: Result<(), DeviceError>) {
        // Somebody else may have ended it: a time-out of its own, for one.
        let _ = match outcome {
            Ok(()) => self.status.set_finished().map_err(|_| ()),
            Err(error) => self.status.set_exception(error).map_err(|_| ()),
        };
    }
}

fn run_motor(mut link: Link, jobs: &Receiver<Job>, position: &Mutex<f64>) {
    let mut moving: Option<Moving> = None;
    loop {
        let job = match &moving {
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => jobs.recv_timeout(POLL),
        };
        let (request, teller) = match job {
            Ok(Job::Move { target, status, work }) => {
                let next = Moving { target, status, _work: work };
                if let Some(before) = moving.replace(next) {
                    let message = format!("the move to {} was given up for one to {target}", before.target);
                    before.end(Err(DeviceError::other("RuntimeError", message)));
                }
                (Request::Move(target), None)
            }
            Ok(Job::Tell { request, answer, work }) => (request, Some((answer, work))),
            Err(RecvTimeoutError::Timeout) => (Request::Where, None),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let answer = link.ask_position(request);
        if let Ok(at) = &answer {
            *lock(position) = at.position;
        }
        if let Some((listener, _work)) = teller {
            // Nobody may want to know any more.
            let _ = listener.send(answer.clone());
        }
        let outcome = match answer {
            Ok(At { is_moving: true, position }) => {
                if let Some(moving) = &moving {
                    moving.status.report_position(&position.into());
                }
                continue;
            }
            Ok(At { is_moving: false, position }) => Ok(position),
            Err(error) => Err(error.into()),
        };
        if let Some(moving) = moving.take() {
            let target = moving.target;
            moving.end(outcome.and_then(|position| {
                let stopped = format!("the motor was stopped at {position} on its way to {target}");
                if position == target { Ok(()) } else { Err(DeviceError::other("RuntimeError", stopped)) }
            }));
        }
    }
}

impl OphydObject for Motor {
    fn name(&self) -> &Text {
        &self.name
    }
    fn class_name(&self) -> Text {
        "TcpMotor".into()
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }
    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }
    fn as_positioner(&self) -> Option<&dyn Positioner> {
        Some(self)
    }
    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }
    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        Some(self)
    }
}

impl Movable for Motor {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let target = args.single_number()?;
        let status = Status::new(cx, StatusKind::to(target));
        let job = Job::Move { target, status: status.clone(), work: cx.clock().outside_work() };
        self.jobs.send(job).map_err(|_| DeviceError::other("RuntimeError", "the thread of the motor is gone"))?;
        Ok(status)
    }
}

impl Stoppable for Motor {
    /// The question is sent at once; whether it was heard is awaited, so that a motor that cannot be stopped is reported.
    fn stop<'a>(&'a self, cx: Cx<'a>, _success: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        let stopped = self.ask(cx, Request::Stop);
        SyncOrAsync::later(async move { stopped.await.map(|_| ()) })
    }
}

impl Positioner for Motor {
    /// Asked by whatever is shown, so it must not wait for the line.
    fn position(&self) -> Value {
        (*lock(&self.position)).into()
    }

    fn egu(&self) -> Option<Text> {
        Some("mm".into())
    }
}

impl Readable for Motor {
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        SyncOrAsync::later(async move {
            let at = self.ask(cx, Request::Where).await?;
            let reading = Reading { value: at.position.into(), timestamp: cx.now() };
            Ok(Readings(vec![(self.name.clone(), reading)]))
        })
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        let more = Map::from_iter([("units", "mm")]);
        let key = DataKey { source: "TCP:where".into(), dtype: Dtype::Number, shape: vec![], more };
        Ok(DataKeys(vec![(self.name.clone(), key)])).into()
    }
}

impl HasHints for Motor {
    fn hints(&self) -> Hints {
        Hints::fields(vec![self.name.clone()])
    }
}

/// A trigger, for the thread of the counter.
struct Trigger {
    status: Status,
    clock: Clock,
    _work: OutsideWork,
}

/// A counter: triggered, it counts; read, it tells what it has counted.
pub(crate) struct Counter {
    name: Text,
    triggers: Sender<Trigger>,
    counted: Arc<Mutex<Option<Reading>>>,
}

impl Counter {
    /// It connects when it is first triggered.
    pub(crate) fn new(name: &str, address: SocketAddr, timeout: Duration) -> Self {
        let (triggers, to_do) = channel::<Trigger>();
        let counted = Arc::<Mutex<Option<Reading>>>::default();
        let last = Arc::clone(&counted);
        thread::spawn(move || {
            let mut link = Link::new(address, timeout);
            for trigger in to_do {
                // Somebody else may have ended it already.
                let _ = match link.ask_counts() {
                    Ok(counts) => {
                        *lock(&last) = Some(Reading { value: counts.into(), timestamp: trigger.clock.now() });
                        trigger.status.set_finished().map_err(|_| ())
                    }
                    Err(error) => trigger.status.set_exception(error.into()).map_err(|_| ()),
                };
            }
        });
        Self { name: name.into(), triggers, counted }
    }
}

impl OphydObject for Counter {
    fn name(&self) -> &Text {
        &self.name
    }
    fn class_name(&self) -> Text {
        "TcpCounter".into()
    }
    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }
    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }
    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        Some(self)
    }
}

impl Triggerable for Counter {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let status = Status::new(cx, StatusKind::Device);
        let work = cx.clock().outside_work();
        let trigger = Trigger { status: status.clone(), clock: cx.clock().clone(), _work: work };
        self.triggers
            .send(trigger)
            .map_err(|_| DeviceError::other("RuntimeError", "the thread of the counter is gone"))?;
        Ok(status)
    }
}

impl Readable for Counter {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        let counted = lock(&self.counted).clone();
        let counted =
            counted.ok_or_else(|| DeviceError::other("RuntimeError", "a counter is triggered before it is read"));
        counted.map(|reading| Readings(vec![(self.name.clone(), reading)])).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        let key = DataKey { source: "TCP:count".into(), dtype: Dtype::Integer, shape: vec![], more: Map::new() };
        Ok(DataKeys(vec![(self.name.clone(), key)])).into()
    }
}

impl HasHints for Counter {
    fn hints(&self) -> Hints {
        Hints::fields(vec![self.name.clone()])
    }
}
