//! [`RunEngineSimulator`]: takes plans to their end without an engine.

use std::fmt;
use std::sync::{Arc, Mutex, TryLockError};

use super::answer::IntoAnswer;
use super::msg_expectation::{MsgExpectation, msg};
use super::simulated::Simulated;
use crate::clock::Clock;
use crate::clock::Tracer;
use crate::device::{Device, Reading, Readings};
use crate::document::{Document, DocumentName};
use crate::engine::Subscriber;
use crate::expect::Expected;
use crate::message::{Command, Msg, PlanError, Response};
use crate::plan::{Plan, PlanEnv, Resumed};
use crate::seed::Seed;
use crate::value::{IntoEntries, Text, Value};
use skyspan_trace::internal::lock;

/// Takes plans to their end without an engine: keeps their messages, and answers them as it was told
/// (`bluesky.simulators.RunEngineSimulator`, 1.15.1).
///
/// A message that nobody answers is answered with nothing, as a plan gets it in bluesky; only `subscribe` and
/// `unsubscribe` do what they say. The newest handler that is meant by a message answers it. A falsy answer is an answer.
///
/// What bluesky's cannot do: it [throws](Self::throws) errors into the plan, tells how a plan ended that failed, and ends
/// one that does not end by itself.
///
/// Handlers may add handlers, so all of this takes `&self`; cloning gives another handle to the same simulator.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::simulate::{RunEngineSimulator, msg};
///
/// fn find_light(det: &Device, motor: &Device) -> Plan {
///     let (det, motor) = (det.clone(), motor.clone());
///     plan(async move |p| {
///         for step in 0..5 {
///             p.mv(&motor, step).await?;
///             if p.rd(&det).await?.as_f64() > Some(1.0) {
///                 return Ok(step);
///             }
///         }
///         Err(plan_error!("no light"))
///     })
/// }
///
/// let (det, motor): (Device, Device) = (SynSignal::new("det").into(), SynAxis::new("motor").into());
/// let simulator = RunEngineSimulator::new();
/// let light = [0.1, 0.2, 3.0];
/// let mut points = light.into_iter();
/// simulator.add_handler(msg("read").obj(&det), {
///     let det = det.clone();
///     move |_| points.next().map(|value| RunEngineSimulator::reading(det.name(), value))
/// });
/// let simulated = simulator.simulate_plan(find_light(&det, &motor));
/// assert_eq!(simulated.value(), Some(&2.into()));
/// simulated.messages().assert_exactly(3, msg("set").obj(&motor));
/// ```
#[derive(Clone)]
pub struct RunEngineSimulator {
    inner: Arc<Mutex<Registrations>>,
}

struct Registrations {
    handlers: Vec<Handler>,
    callbacks: Vec<(u64, DocumentName, Subscriber)>,
    next_token: u64,
    message_limit: usize,
    seed: u64,
}

#[derive(Clone)]
struct Handler {
    of: MsgExpectation,
    /// Gives nothing where the next handler shall answer.
    answer: Arc<Mutex<Answer>>,
}

type Answer = Box<dyn FnMut(&Msg) -> Option<Result<Response, PlanError>> + Send>;

impl RunEngineSimulator {
    /// The place after all handlers (`bluesky.simulators.END`), for [`insert_handler`](Self::insert_handler).
    pub const END: usize = usize::MAX;

    /// How many messages a plan may have unless one says otherwise.
    pub const MESSAGE_LIMIT: usize = 1_000_000;

    /// One that answers every message with nothing.
    #[must_use]
    pub fn new() -> Self {
        let inner = Registrations {
            handlers: Vec::new(),
            callbacks: Vec::new(),
            next_token: 0,
            message_limit: Self::MESSAGE_LIMIT,
            seed: 0,
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// The same, with another seed for the names that plans make up.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        lock(&self.inner).seed = seed;
        self
    }

    /// The same, with another bound for the messages of a plan. A plan that has more is ended with an error, for with the
    /// answers that it gets it may never end.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::RunEngineSimulator;
    ///
    /// let forever = plan(async |p| p.repeater(None, || p.null()).await);
    /// let simulated = RunEngineSimulator::new().message_limit(100).simulate_plan(forever);
    /// assert_eq!(simulated.messages().len(), 100);
    /// assert_eq!(simulated.exception().map(ToString::to_string).as_deref(), Some(
    ///     "the plan has more than 100 messages, and perhaps no end; its last one is null() \
    ///      (RunEngineSimulator::message_limit allows more)",
    /// ));
    /// ```
    #[must_use]
    pub fn message_limit(self, messages: usize) -> Self {
        lock(&self.inner).message_limit = messages;
        self
    }

    /// Answers each such message with what `handler` gives, before all other handlers: nothing, a [`Response`], a value,
    /// or an error, which is thrown into the plan.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::{RunEngineSimulator, msg};
    ///
    /// let simulator = RunEngineSimulator::new();
    /// simulator.add_handler(msg("wait"), |_| false);
    /// let waits = plan(async |p| p.wait("g").await);
    /// assert_eq!(simulator.simulate_plan(waits).value(), Some(&false.into()));
    /// ```
    pub fn add_handler<A: IntoAnswer>(&self, of: MsgExpectation, handler: impl FnMut(&Msg) -> A + Send + 'static) {
        self.insert_handler(0, of, handler);
    }

    /// The same at a place among the handlers, where 0 is before all and [`END`](Self::END) after all others.
    pub fn insert_handler<A: IntoAnswer>(
        &self,
        index: usize,
        of: MsgExpectation,
        mut handler: impl FnMut(&Msg) -> A + Send + 'static,
    ) {
        self.insert(index, of, Box::new(move |msg| Some(handler(msg).into_answer())));
    }

    fn insert(&self, index: usize, of: MsgExpectation, answer: Answer) {
        let handlers = &mut lock(&self.inner).handlers;
        let index = index.min(handlers.len());
        handlers.insert(index, Handler { of, answer: Arc::new(Mutex::new(answer)) });
    }

    /// Throws an error into the plan at each such message.
    pub fn throws(&self, of: MsgExpectation, error: impl Into<PlanError>) {
        let error = error.into();
        self.insert(0, of, Box::new(move |_| Some(Err(error.clone()))));
    }

    /// Throws an error into the plan at the nth such message, counted from 1; the others are for other handlers.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::{RunEngineSimulator, msg};
    ///
    /// let motor: Device = SynAxis::new("motor").into();
    /// let simulator = RunEngineSimulator::new();
    /// simulator.throws_at(2, msg("set").obj(&motor), plan_error!("end switch"));
    /// let moves = plan(async move |p| {
    ///     p.mv(&motor, 1).await?;
    ///     p.mv(&motor, 2).await
    /// });
    /// let simulated = simulator.simulate_plan(moves);
    /// assert_eq!(simulated.commands(), ["set", "wait", "set"]);
    /// assert_eq!(simulated.exception(), Some(&plan_error!("end switch")));
    /// ```
    pub fn throws_at(&self, nth: usize, of: MsgExpectation, error: impl Into<PlanError>) {
        let (error, mut count) = (error.into(), 0_usize);
        self.insert(
            0,
            of,
            Box::new(move |_| {
                count = count.saturating_add(1);
                (count == nth).then(|| Err(error.clone()))
            }),
        );
    }

    /// Answers each `read` of a device with that value, under the device's own name.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::RunEngineSimulator;
    ///
    /// let pin = SynSignal::new("pin").into();
    /// let simulator = RunEngineSimulator::new();
    /// simulator.add_read_handler_for(&pin, [8, 5]);
    /// let read = plan(async move |p| p.rd(&pin).await);
    /// assert_eq!(simulator.simulate_plan(read).value(), Some(&[8, 5].into()));
    /// ```
    pub fn add_read_handler_for(&self, obj: &Device, value: impl Into<Value>) {
        self.add_read_handler_for_multiple(obj, [(obj.name().clone(), value.into())]);
    }

    /// Answers each `read` of a device with those values by their data keys. A map is a value like any other; a reading
    /// with a timestamp of one's own is given by [`add_handler`](Self::add_handler).
    ///
    /// They are taken as `json!({...})`, as a [`Map`](crate::value::Map), or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If they are JSON, but no object.
    #[track_caller]
    pub fn add_read_handler_for_multiple(&self, obj: &Device, values: impl IntoEntries) {
        let readings = values.into_entries().into_iter().map(|(key, value)| (key, reading_of(value)));
        let readings = Readings(readings.collect());
        self.add_handler(msg("read").obj(obj), move |_| readings.clone());
    }

    /// The readings of one data key, taken when the simulated clocks start.
    #[must_use]
    pub fn reading(key: impl Into<Text>, value: impl Into<Value>) -> Readings {
        Readings(vec![(key.into(), reading_of(value.into()))])
    }

    /// Does something when a group is waited for, as if its statuses had done it; the `wait` is answered with true.
    /// The group is a name, a [`glob`](crate::expect::glob), or [`any`](crate::expect::any).
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    /// use skyspan::simulate::RunEngineSimulator;
    ///
    /// let shutter: Device = SynSignal::new("shutter").into();
    /// let simulator = RunEngineSimulator::new();
    /// let opened = shutter.clone();
    /// simulator.add_wait_handler("opening", move |simulator| simulator.add_read_handler_for(&opened, 1));
    /// let open = plan(async move |p| {
    ///     let before = p.rd(&shutter).await?;
    ///     p.wait("opening").await?;
    ///     Ok(Value::from([before, p.rd(&shutter).await?]))
    /// });
    /// assert_eq!(simulator.simulate_plan(open).value(), Some(&[0, 1].into()));
    /// ```
    pub fn add_wait_handler(&self, group: impl Into<Expected>, handler: impl FnMut(&Self) + Send + 'static) {
        let (simulator, mut handler) = (Arc::downgrade(&self.inner), handler);
        self.add_handler(msg("wait").group(group), move |_| {
            if let Some(inner) = simulator.upgrade() {
                handler(&Self { inner });
            }
            true
        });
    }

    /// Gives a document to those who have subscribed, at each such message.
    pub fn add_callback_handler_for(&self, of: MsgExpectation, document: Document) {
        let simulator = Arc::downgrade(&self.inner);
        self.add_handler(of, move |_| match simulator.upgrade() {
            Some(inner) => Self { inner }.fire_callback(&document),
            None => Ok(()),
        });
    }

    /// Gives documents to those who have subscribed: the first list at the first such message, the second at the second.
    /// What comes after the last list is for other handlers.
    pub fn add_callback_handler_for_multiple(
        &self,
        of: MsgExpectation,
        documents: impl IntoIterator<Item = Vec<Document>>,
    ) {
        let simulator = Arc::downgrade(&self.inner);
        let mut lists = documents.into_iter().collect::<Vec<_>>().into_iter();
        self.insert(
            0,
            of,
            Box::new(move |_| {
                let (list, inner) = (lists.next()?, simulator.upgrade()?);
                let simulator = Self { inner };
                Some(list.iter().try_for_each(|document| simulator.fire_callback(document)).into_answer())
            }),
        );
    }

    /// Gives a document to all who have subscribed to its kind by a message of a simulated plan, in the order in which they
    /// did.
    ///
    /// # Errors
    ///
    /// That of the first who fails; the others do not get it.
    pub fn fire_callback(&self, document: &Document) -> Result<(), PlanError> {
        let callbacks = lock(&self.inner).callbacks.clone();
        let mut meant = callbacks.iter().filter(|(_, name, _)| name.includes(document));
        meant.try_for_each(|(_, _, subscriber)| subscriber.give(document))
    }

    /// Takes a plan to its end.
    ///
    /// A plan that fails, and one that has more messages than [there may be](Self::message_limit), has that error as its
    /// result.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::simulate::{RunEngineSimulator, msg};
    ///
    /// let lab = Harness::new();
    /// let (det, motor) = (lab.device("det"), lab.device("motor"));
    /// let simulated = RunEngineSimulator::new().simulate_plan(plans::scan(&det, &motor, 0, 1, 11));
    /// simulated.assert_success();
    /// simulated.messages().assert_exactly(11, msg("save"));
    /// ```
    pub fn simulate_plan(&self, plan: impl Into<Plan>) -> Simulated {
        let mut messages = Vec::new();
        let result = self.step_through(plan.into(), |msg| {
            messages.push(msg.clone());
            true
        });
        Simulated { messages, result }
    }

    /// Takes a plan to its end, or to where `goes_on` wants no more; it sees each message before it is answered.
    pub(super) fn step_through(
        &self,
        mut plan: Plan,
        mut goes_on: impl FnMut(&Msg) -> bool,
    ) -> Result<Value, PlanError> {
        let (limit, seed) = {
            let inner = lock(&self.inner);
            (inner.message_limit, inner.seed)
        };
        let env = Arc::new(PlanEnv::new(Clock::simulated(), Seed::new(seed), Tracer::off()));
        let mut answer = Ok(Response::None);
        let (mut count, mut last) = (0_usize, None);
        loop {
            match plan.resume(&env, answer) {
                Resumed::Done(result) => return result,
                Resumed::Yield(_) if count == limit => return Err(has_no_end(limit, last.as_ref())),
                Resumed::Yield(msg) => {
                    count += 1;
                    if !goes_on(&msg) {
                        return Ok(Value::Null);
                    }
                    answer = self.answer(&msg);
                    if count == limit {
                        last = Some(msg);
                    }
                }
            }
        }
    }

    /// The answer to a message. No lock is held while a handler is asked, for it may add others.
    fn answer(&self, msg: &Msg) -> Result<Response, PlanError> {
        let mut next = 0;
        loop {
            let handler = {
                let inner = lock(&self.inner);
                let found = inner.handlers.iter().enumerate().skip(next).find(|(_, handler)| handler.of.matches(msg));
                found.map(|(at, handler)| (at, Arc::clone(&handler.answer)))
            };
            let Some((at, answer)) = handler else { return self.answer_unhandled(msg) };
            // A handler that simulates a plan itself does not answer that plan.
            let given = match answer.try_lock() {
                Ok(mut answer) => answer(msg),
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner()(msg),
                Err(TryLockError::WouldBlock) => None,
            };
            if let Some(answer) = given {
                return answer;
            }
            next = at + 1;
        }
    }

    fn answer_unhandled(&self, msg: &Msg) -> Result<Response, PlanError> {
        let mut inner = lock(&self.inner);
        Ok(match &msg.command {
            Command::Subscribe(subscribe) => {
                let name = subscribe
                    .name
                    .as_ref()
                    .map_or(Some(DocumentName::All), |name| name.as_str().and_then(DocumentName::of_name));
                let (Some(name), Some(subscriber)) = (name, subscribe.callback.downcast_ref::<Subscriber>()) else {
                    return Ok(Response::None);
                };
                let token = inner.next_token;
                inner.next_token += 1;
                inner.callbacks.push((token, name, subscriber.clone()));
                Response::Value(token.into())
            }
            Command::Unsubscribe { token } => {
                inner.callbacks.retain(|(known, ..)| Value::from(*known) != *token);
                Response::None
            }
            _ => Response::None,
        })
    }
}

fn reading_of(value: Value) -> Reading {
    Reading { value, timestamp: Clock::simulated().now() }
}

fn has_no_end(limit: usize, last: Option<&Msg>) -> PlanError {
    let last = last.map_or_else(|| "none".to_owned(), ToString::to_string);
    let what = format!("the plan has more than {limit} messages, and perhaps no end; its last one is {last}");
    PlanError::runtime(format!("{what} (RunEngineSimulator::message_limit allows more)"))
}

impl Default for RunEngineSimulator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RunEngineSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = lock(&self.inner);
        let handlers: Vec<String> = inner.handlers.iter().map(|handler| handler.of.to_string()).collect();
        f.debug_struct("RunEngineSimulator").field("handlers", &handlers).finish_non_exhaustive()
    }
}
