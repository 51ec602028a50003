//! [`plan_mutator`] and [`msg_mutator`]: every message of a plan, changed, left out, or with others beside it.

use crate::message::{Mark, Msg, PlanError, Response};
use crate::plan::{Plan, Resumed, plan};

/// Every message of a plan, with others before it, in its place, or after it (`bluesky.preprocessors.plan_mutator`,
/// 1.15.1).
///
/// `msg_proc` is asked once for each message, and gives two plans, the head and the tail. The messages of the head come in
/// the place of the message; the answer to the last of them is what the plan gets. If the message itself shall be executed,
/// the head yields it (a clone of it). The messages of the tail come after that, and their answers go nowhere. Without a
/// head the message stays as it is.
///
/// - `msg_proc` is also asked for the messages of heads and tails, but not again for a message that it was asked for, nor
///   for a clone of one, changed or not. A message that is made anew is another message. (bluesky tells messages by their
///   identity, so a copy that is changed is another one there.)
/// - An error is thrown into the head or the tail whose message failed, and goes from there to the plan. It goes to the
///   plan even where the head or tail catches it, if it ends with that. After a head that fails, there is no tail.
/// - If the plan is halted, no message comes any more.
///
/// The result is that of the plan.
///
/// ```
/// use skyspan::plan::preprocessors::plan_mutator;
/// use skyspan::prelude::*;
///
/// // Two naps after every move.
/// let lab = Harness::new();
/// let motor = lab.device("motor");
/// let moves = plan(async move |p| p.abs_set(&motor, 1).await.map(drop));
/// let naps = || plan(async |p| p.repeater(Some(2), || p.sleep(0.5)).await);
/// let run = lab.run(plan_mutator(moves, move |msg| (None, (msg.command() == "set").then(naps))));
/// assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["set", "sleep", "sleep"]);
/// ```
#[must_use]
pub fn plan_mutator(
    inner: impl Into<Plan>,
    mut msg_proc: impl FnMut(&Msg) -> (Option<Plan>, Option<Plan>) + Send + 'static,
) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    plan(async move |p| {
        let env = p.env();
        let mark = Mark::new();
        // The plan itself at the bottom, and on it what was put in the place of a message of the one below.
        let mut stack = vec![Frame { plan: inner, part: Part::Host }];
        let mut next = Ok(Response::None);
        while let Some(frame) = stack.last_mut() {
            // What was given last is needed where a head or a tail ends with it, not where the host does.
            let given = if matches!(frame.part, Part::Host) { Ok(Response::None) } else { next.clone() };
            match frame.plan.resume(&env, next) {
                Resumed::Yield(mut message) => {
                    if !message.mark(&mark) {
                        let (head, tail) = msg_proc(&message);
                        let stays = head.is_none() && tail.is_some();
                        let head = if stays { Some(one_message(message.clone())) } else { head };
                        if let Some(head) = head {
                            stack.push(Frame { plan: head, part: Part::Head { tail } });
                            next = Ok(Response::None);
                            continue;
                        }
                    }
                    next = p.msg(message).await;
                    if let Err(error) = &next
                        && error.is_halt()
                    {
                        let halt = error.clone();
                        // Each is told, as Python's `close` does: it may have to put something back that is no message.
                        for frame in &mut stack {
                            let _ = frame.plan.resume(&env, Err(halt.clone()));
                        }
                        return Err(halt);
                    }
                }
                Resumed::Done(Ok(result)) => {
                    let Some(Frame { part, .. }) = stack.pop() else { return Ok(result) };
                    next = match (part, given) {
                        (Part::Host, _) => return Ok(result),
                        // bluesky throws an error on that was caught at the very end of a head or a tail.
                        (_, Err(error)) => Err(error),
                        (Part::Head { tail: None }, answer) => answer,
                        (Part::Head { tail: Some(tail) }, Ok(answer)) => {
                            stack.push(Frame { plan: tail, part: Part::Tail { answer } });
                            Ok(Response::None)
                        }
                        (Part::Tail { answer }, _) => Ok(answer),
                    };
                }
                Resumed::Done(Err(error)) => {
                    stack.pop();
                    if stack.is_empty() || error.is_halt() {
                        return Err(error);
                    }
                    next = Err(error);
                }
            }
        }
        Err(PlanError::runtime("the plan that is mutated is gone"))
    })
    .named(name)
}

/// One of the plans whose messages are yielded.
struct Frame {
    plan: Plan,
    part: Part,
}

/// What a plan is in the whole.
enum Part {
    /// The plan that is mutated.
    Host,
    /// What stands for a message.
    Head {
        /// What comes after it.
        tail: Option<Plan>,
    },
    /// What comes after a message.
    Tail {
        /// The answer to the last message of its head, which the one below gets.
        answer: Response,
    },
}

/// A plan of a single message (`bluesky.utils.single_gen`).
fn one_message(message: Msg) -> Plan {
    plan(async move |p| p.msg(message).await.map(drop))
}

/// Every message of a plan, changed by a function: another message in its place, or none, and then the plan gets nothing
/// as the answer (`bluesky.preprocessors.msg_mutator`, 1.15.1). The result and the errors of the plan are as they were.
///
/// ```
/// use skyspan::plan::preprocessors::msg_mutator;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let awake = |msg: Msg| (msg.command() != "sleep").then_some(msg);
/// let run = lab.run(msg_mutator(plan(async |p| p.sleep(3600.0).await), awake));
/// assert_eq!((run.messages().len(), run.duration()), (0, Duration::ZERO));
/// ```
#[must_use]
pub fn msg_mutator(inner: impl Into<Plan>, mut change: impl FnMut(Msg) -> Option<Msg> + Send + 'static) -> Plan {
    try_msg_mutator(inner, move |message| Ok(change(message)))
}

/// The same with a function that may fail: its error is thrown into the plan, as the answer to the message.
pub(super) fn try_msg_mutator(
    inner: impl Into<Plan>,
    mut change: impl FnMut(Msg) -> Result<Option<Msg>, PlanError> + Send + 'static,
) -> Plan {
    let mut inner = inner.into();
    let name = inner.name().clone();
    plan(async move |p| {
        let env = p.env();
        let mut answer = Ok(Response::None);
        loop {
            answer = match inner.resume(&env, answer) {
                Resumed::Done(result) => return result,
                Resumed::Yield(message) => match change(message) {
                    Ok(Some(message)) => p.msg(message).await,
                    Ok(None) => Ok(Response::None),
                    Err(error) => Err(error),
                },
            };
        }
    })
    .named(name)
}
