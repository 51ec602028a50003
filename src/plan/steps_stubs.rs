//! The plan stubs that scans are made of: one reading, one step, something again and again.

use std::future::Future;

use smallvec::SmallVec;

use super::patterns::number;
use super::{Plan, Resumed, Stubs};
use crate::device::{Device, Readings};
use crate::message::{Arg, Command, GenericMsg, Msg, PlanError, Response};
use crate::value::{Text, Value};

/// So many messages of a plan are kept at most to be repeated.
const CACHED_MAX: usize = 1_000_000;

impl Stubs {
    /// A checkpoint, then all detectors into one event of the primary stream (`bluesky.plan_stubs.one_shot`, 1.15.1).
    ///
    /// # Errors
    ///
    /// What goes wrong with a device.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let run = lab.run(preprocessors::run_wrapper(plan(async move |p| p.one_shot(&[det]).await), Map::new()));
    /// assert_eq!(run.events().count(), 1);
    /// ```
    pub async fn one_shot(&self, detectors: &[Device]) -> Result<(), PlanError> {
        self.one_shot_with(detectors, |all| async move { self.read_together(&all, primary()).await }).await.map(drop)
    }

    /// The same with another way to take the reading (`take_reading`); gives what that gives.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device, or with the reading.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let shot = plan(async move |p| p.one_shot_with(&[det], |all| p.trigger_and_read(all, "dark")).await.map(drop));
    /// let run = lab.run(preprocessors::run_wrapper(shot, Map::new()));
    /// let Document::Descriptor(descriptor) = &run.documents()[1] else { return };
    /// assert_eq!(descriptor.name, "dark");
    /// ```
    pub async fn one_shot_with<F, Fut, T>(&self, detectors: &[Device], take_reading: F) -> Result<T, PlanError>
    where
        F: FnOnce(Vec<Device>) -> Fut,
        Fut: Future<Output = Result<T, PlanError>>,
    {
        self.checkpoint().await?;
        take_reading(detectors.to_vec()).await
    }

    /// A checkpoint, the motor to its position, then detectors and motor into one event of the primary stream; gives the
    /// readings (`bluesky.plan_stubs.one_1d_step`, 1.15.1). The motor is set even if it is there already.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (det, motor) = (lab.device("det"), lab.device("motor"));
    /// let step = plan(async move |p| {
    ///     let readings = p.one_1d_step(&[det], &motor, 2).await?;
    ///     Ok(readings.get("motor").map(|reading| reading.value.clone()))
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(step, Map::new()));
    /// assert_eq!(run.events().next().and_then(|event| event.get("motor")), Some(&2.0.into()));
    /// ```
    pub async fn one_1d_step(
        &self,
        detectors: &[Device],
        motor: &Device,
        step: impl Into<Value>,
    ) -> Result<Readings, PlanError> {
        self.one_1d_step_with(detectors, motor, step, |all| async move { self.read_together(&all, primary()).await })
            .await
    }

    /// The same with another way to take the reading (`take_reading`); gives what that gives.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device, or with the reading.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// let step = plan(async move |p| p.one_1d_step_with(&[], &motor, 2, |all| async move { Ok(all.len()) }).await);
    /// assert_eq!(lab.run(step).plan_result(), Some(&1.into()), "the motor is to be read");
    /// ```
    pub async fn one_1d_step_with<F, Fut, T>(
        &self,
        detectors: &[Device],
        motor: &Device,
        step: impl Into<Value>,
        take_reading: F,
    ) -> Result<T, PlanError>
    where
        F: FnOnce(Vec<Device>) -> Fut,
        Fut: Future<Output = Result<T, PlanError>>,
    {
        self.one_nd_step_with(detectors, &[(motor.clone(), step.into())], &mut Vec::new(), take_reading).await
    }

    /// A checkpoint, then all motors at once to their positions; those that are there already are not moved
    /// (`bluesky.plan_stubs.move_per_step`, 1.15.1).
    ///
    /// `positions` holds where the motors were sent last, and is kept up to date.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// let run = lab.run(plan(async move |p| {
    ///     let mut positions = Vec::new();
    ///     p.move_per_step(&[(motor.clone(), 1.into())], &mut positions).await?;
    ///     p.move_per_step(&[(motor, 1.into())], &mut positions).await
    /// }));
    /// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
    /// assert_eq!(commands, ["checkpoint", "set", "wait", "checkpoint", "wait"]);
    /// ```
    pub async fn move_per_step(
        &self,
        step: &[(Device, Value)],
        positions: &mut Vec<(Device, Value)>,
    ) -> Result<(), PlanError> {
        self.checkpoint().await?;
        let group = Value::Str(self.env().seed.short_uid("set"));
        for (motor, position) in step {
            let last = positions.iter_mut().find(|(device, _)| device == motor);
            if last.as_ref().map_or(position.is_null(), |(_, last)| is_same(last, position)) {
                continue;
            }
            self.abs_set_in(motor, position.clone(), group.clone()).await?;
            match last {
                Some((_, last)) => last.clone_from(position),
                None => positions.push((motor.clone(), position.clone())),
            }
        }
        self.msg(Msg::wait(group)).await.map(drop)
    }

    /// The motors to their positions, then detectors and motors into one event of the primary stream
    /// (`bluesky.plan_stubs.one_nd_step`, 1.15.1).
    ///
    /// # Errors
    ///
    /// What goes wrong with a device.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (det, x, y) = (lab.device("det"), lab.device("motor1"), lab.device("motor2"));
    /// let step = plan(async move |p| p.one_nd_step(&[det], &[(x, 1.into()), (y, 2.into())], &mut Vec::new()).await);
    /// let run = lab.run(preprocessors::run_wrapper(step, Map::new()));
    /// assert_eq!(run.events().next().and_then(|event| event.get("motor2")), Some(&2.0.into()));
    /// ```
    pub async fn one_nd_step(
        &self,
        detectors: &[Device],
        step: &[(Device, Value)],
        positions: &mut Vec<(Device, Value)>,
    ) -> Result<(), PlanError> {
        self.move_per_step(step, positions).await?;
        let all: SmallVec<[Device; 4]> = detectors.iter().chain(step.iter().map(|(motor, _)| motor)).cloned().collect();
        self.read_each(&all, primary(), |_| {}).await
    }

    /// The same with another way to take the reading (`take_reading`); gives what that gives.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device, or with the reading.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let positions = Arc::new(Mutex::new(Vec::new()));
    /// // As in bluesky, it is the `per_step` of a scan that takes another kind of reading.
    /// let scan = plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 3).per_step(move |detectors, step| {
    ///     let positions = Arc::clone(&positions);
    ///     plan(async move |p| {
    ///         let mut last = positions.lock().map_or_else(|_| Vec::new(), |mut last| std::mem::take(&mut *last));
    ///         p.one_nd_step_with(&detectors, &step, &mut last, |all| p.trigger_and_read(all, "fine")).await?;
    ///         if let Ok(mut positions) = positions.lock() {
    ///             *positions = last;
    ///         }
    ///         Ok(())
    ///     })
    /// });
    /// assert_eq!(lab.run(scan).events().count(), 3);
    /// ```
    pub async fn one_nd_step_with<F, Fut, T>(
        &self,
        detectors: &[Device],
        step: &[(Device, Value)],
        positions: &mut Vec<(Device, Value)>,
        take_reading: F,
    ) -> Result<T, PlanError>
    where
        F: FnOnce(Vec<Device>) -> Fut,
        Fut: Future<Output = Result<T, PlanError>>,
    {
        self.move_per_step(step, positions).await?;
        take_reading(detectors.iter().chain(step.iter().map(|(motor, _)| motor)).cloned().collect()).await
    }

    /// Something `num` times (for ever without a number), each time after a checkpoint, and as long after the last
    /// beginning as `delays_s` says: a number of seconds for all, or a list with at least `num - 1` of them
    /// (`bluesky.plan_stubs.repeat`, 1.15.1).
    ///
    /// Like bluesky's it sleeps after the last time, too, where the delay is one for all.
    ///
    /// # Errors
    ///
    /// A `ValueError` if there are too few delays, a `TypeError` if they are no numbers, and what goes wrong with the
    /// something.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.repeat(Some(3), &0.5.into(), || p.null()).await));
    /// assert_eq!(run.duration(), secs(1.5));
    /// ```
    pub async fn repeat<Fut>(
        &self,
        num: Option<u64>,
        delays_s: &Value,
        mut body: impl FnMut() -> Fut,
    ) -> Result<(), PlanError>
    where
        Fut: Future<Output = Result<(), PlanError>>,
    {
        if let (Some(num), Some(delays)) = (num, delays_s.as_array())
            && num.saturating_sub(1) > delays.len() as u64
        {
            let message = format!("num={num} but delays only provides {} entries", delays.len());
            return Err(PlanError::value(message));
        }
        let env = self.env();
        let mut count = 0;
        while num.is_none_or(|num| count < num) {
            let begun = env.clock.now();
            self.msg(Command::Checkpoint).await?;
            body().await?;
            let delay = match delays_s {
                Value::Array(delays) => usize::try_from(count).ok().and_then(|at| delays.get(at)),
                one_for_all => Some(one_for_all),
            };
            let Some(delay) = delay else { return Ok(()) };
            count += 1;
            if delay.is_null() {
                continue;
            }
            let delay_s = delay
                .as_f64()
                .ok_or_else(|| PlanError::type_error(format!("a delay is a number of seconds, found {delay}")))?;
            let left_s = delay_s - (env.clock.now() - begun).as_secs_f64();
            if left_s > 0.0 {
                self.sleep(left_s).await?;
            }
        }
        Ok(())
    }

    /// Something `num` times (for ever without a number), without anything between (`bluesky.plan_stubs.repeater`, 1.15.1).
    ///
    /// # Errors
    ///
    /// What goes wrong with the something.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.repeater(Some(3), || p.sleep(1.0)).await));
    /// assert_eq!((run.messages().len(), run.duration()), (3, secs(3.0)));
    /// ```
    pub async fn repeater<Fut>(&self, num: Option<u64>, mut body: impl FnMut() -> Fut) -> Result<(), PlanError>
    where
        Fut: Future<Output = Result<(), PlanError>>,
    {
        let mut count = 0;
        while num.is_none_or(|num| count < num) {
            body().await?;
            count += 1;
        }
        Ok(())
    }

    /// The messages of a plan `num` times (for ever without a number): the same ones, which the plan gives once, without
    /// getting answers (`bluesky.plan_stubs.caching_repeater`, 1.15.1, which is to be removed there).
    ///
    /// # Errors
    ///
    /// What came out of the plan, before its first message is done; what goes wrong with the messages.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// let there = plan(async move |p| p.mv(&motor, 1).await);
    /// let run = lab.run(plan(async move |p| p.caching_repeater(Some(2), there).await));
    /// let groups: Vec<_> = run.messages().iter().map(Msg::kwargs_json).collect();
    /// assert_eq!(groups[0], groups[2], "the same group again");
    /// ```
    pub async fn caching_repeater(&self, num: Option<u64>, plan: impl Into<Plan>) -> Result<(), PlanError> {
        let (mut plan, env, mut msgs) = (plan.into(), self.env(), Vec::new());
        loop {
            match plan.resume(&env, Ok(Response::None)) {
                Resumed::Yield(_) if msgs.len() == CACHED_MAX => {
                    let message =
                        format!("a plan of at most {CACHED_MAX} messages can be kept and repeated; this one is longer");
                    return Err(PlanError::value(message));
                }
                Resumed::Yield(msg) => msgs.push(msg),
                Resumed::Done(result) => {
                    result?;
                    break;
                }
            }
        }
        let mut count = 0;
        while !msgs.is_empty() && num.is_none_or(|num| count < num) {
            for msg in &msgs {
                self.msg(msg.clone()).await?;
            }
            count += 1;
        }
        Ok(())
    }

    /// The same message to many devices, one after another; gives their answers (`bluesky.plan_stubs.broadcast_msg`,
    /// 1.15.1).
    ///
    /// # Errors
    ///
    /// What goes wrong with one of the messages.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motors = [lab.device("motor1"), lab.device("motor2")];
    /// let run = lab.run(plan(async move |p| {
    ///     p.broadcast_msg("set", &motors, &[5.into()], &[("group", "both".into())]).await?;
    ///     p.wait("both").await
    /// }));
    /// assert_eq!(run.messages()[1].to_string(), "set(motor2, 5, group='both')");
    /// ```
    pub async fn broadcast_msg(
        &self,
        command: impl Into<Text>,
        objs: &[Device],
        args: &[Arg],
        kwargs: &[(&str, Arg)],
    ) -> Result<Vec<Response>, PlanError> {
        let kwargs = kwargs.iter().map(|(key, arg)| (Text::from(*key), arg.clone())).collect();
        let generic = GenericMsg { command: command.into(), obj: None, args: args.to_vec(), kwargs };
        let mut answers = Vec::with_capacity(objs.len());
        for obj in objs {
            let msg = GenericMsg { obj: Some(Arg::Device(obj.clone())), ..generic.clone() };
            answers.push(self.msg(msg.into_msg(Value::Null)).await?);
        }
        Ok(answers)
    }
}

const fn primary() -> Text {
    Text::literal("primary")
}

/// Whether Python holds two positions for the same: a whole number and a float may be.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| is_same(left, right))
        }
        #[expect(clippy::float_cmp, reason = "positions are the same or are not")]
        _ => left == right || number(left).zip(number(right)).is_some_and(|(left, right)| left == right),
    }
}
