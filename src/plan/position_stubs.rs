//! The plan stubs that ask where a device is, and those that move it by so much.

use super::merged_moves::positioner_of;
use super::{Stubs, each_moved_once, merged_moves};
use crate::device::{Device, Status};
use crate::message::{Command, Locate, Msg, PlanError, Response, Wait};
use crate::plan::plus;
use crate::value::{Text, Value};

impl Stubs {
    /// The one value of a device (`bluesky.plan_stubs.rd`, 1.15.1): where it is, if it is
    /// [`Locatable`](crate::device::Locatable); else what is read of the data key that it hints at, or of its only one. It
    /// is 0 if the engine answers nothing.
    ///
    /// It is not triggered, and there is no event.
    ///
    /// # Errors
    ///
    /// If it cannot be read, and a `ValueError` if it has several values. Where the device hints at several, or at none
    /// and is made of several components that are read, it says so before it reads.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").value(10));
    /// let run = lab.run(plan(async move |p| p.rd(&axis).await));
    /// assert_eq!(run.plan_result(), Some(&10.into()));
    /// ```
    pub async fn rd(&self, obj: &Device) -> Result<Value, PlanError> {
        if obj.ask("as_locatable", |object| object.as_locatable().is_some())? {
            return Ok(match self.locate_of_preprocessors(obj).await? {
                Response::Location(location) => location.readback,
                _ => 0.into(),
            });
        }
        let hinted = hinted_fields(obj);
        if let [_, _, ..] = &*hinted {
            return Err(several_values(obj, "hints at", hinted.len()));
        }
        if hinted.is_empty()
            && let Some(read_attrs) = obj.object().read_attrs()
            && read_attrs.len() != 1
        {
            return Err(several_values(obj, "has", read_attrs.len()));
        }
        let Response::Readings(readings) = self.msg(Msg::read(obj)).await? else { return Ok(0.into()) };
        match (&*hinted, &*readings.0) {
            ([key], _) => {
                let reading = readings.get(key).ok_or_else(|| PlanError::key(key))?;
                Ok(reading.value.clone())
            }
            (_, [(_, reading)]) => Ok(reading.value.clone()),
            (_, all) => Err(several_values(obj, "has", all.len())),
        }
    }

    /// Sets a device to where it is and so much more, in no group, without waiting for it; gives its status
    /// (`bluesky.plan_stubs.rel_set`, 1.15.1). Where it is, is found out as by
    /// [`relative_set_wrapper`](super::preprocessors::relative_set_wrapper).
    ///
    /// # Errors
    ///
    /// If it cannot be set, or not to that value, or does not say where it is.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").value(10));
    /// let run = lab.run(plan(async move |p| p.rel_set(&axis, 0.5).await.map(drop)));
    /// assert_eq!(run.messages()[0].to_string(), "set(axis, 10.5, group=None)");
    /// ```
    pub async fn rel_set(&self, obj: &Device, by: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.rel_set_in(obj, by, Value::Null).await
    }

    /// The same in a group.
    ///
    /// # Errors
    ///
    /// If it cannot be set, or not to that value, or does not say where it is.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").value(10));
    /// let moved = axis.clone();
    /// lab.run(plan(async move |p| {
    ///     p.rel_set_in(&moved, 0.5, "there").await?;
    ///     p.wait("there").await
    /// }))
    /// .assert_success();
    /// assert_eq!(axis.position(), Some(10.5.into()));
    /// ```
    pub async fn rel_set_in(
        &self,
        obj: &Device,
        by: impl Into<Value>,
        group: impl Into<Value>,
    ) -> Result<Option<Status>, PlanError> {
        let before = self.initial_position(obj).await?;
        let position = plus(&before, &by.into()).map_err(PlanError::type_error)?;
        self.abs_set_in(obj, position, group).await
    }

    /// The same, and waits for all in the group; with null as the group, for one of its own (`rel_set` with `wait`).
    ///
    /// # Errors
    ///
    /// If it cannot be set, or not to that value, does not say where it is, or does not arrive.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").value(10).delay_s(2.0));
    /// let run = lab.run(plan(async move |p| p.rel_set_and_wait(&axis, 0.5, Value::Null).await.map(drop)));
    /// assert_eq!(run.duration(), secs(2.0));
    /// ```
    pub async fn rel_set_and_wait(
        &self,
        obj: &Device,
        by: impl Into<Value>,
        group: impl Into<Value>,
    ) -> Result<Option<Status>, PlanError> {
        let group = match group.into() {
            Value::Null => Value::Str(self.env().seed.uid()),
            group => group,
        };
        let status = self.rel_set_in(obj, by, group.clone()).await?;
        self.msg(Msg::wait(group)).await?;
        Ok(status)
    }

    /// Moves a device by so much, and waits until it is there (`bluesky.plan_stubs.mvr`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If it cannot be set, does not say where it is, or does not arrive.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").value(10));
    /// let moved = axis.clone();
    /// lab.run(plan(async move |p| p.mvr(&moved, -3).await)).assert_success();
    /// assert_eq!(axis.position(), Some(7.0.into()));
    /// ```
    pub async fn mvr(&self, obj: &Device, by: impl Into<Value>) -> Result<(), PlanError> {
        self.mvr_all([(obj, by.into())]).await
    }

    /// Moves several devices at once, each by so much, and waits until all are there.
    ///
    /// # Errors
    ///
    /// If one cannot be set, does not say where it is, does not arrive, or stands there twice.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    /// let moves = [(x.clone(), 1), (y.clone(), -2)];
    /// lab.run(plan(async move |p| p.mvr_all(moves.iter().map(|(axis, by)| (axis, *by))).await)).assert_success();
    /// assert_eq!((x.position(), y.position()), (Some(1.0.into()), Some((-2.0).into())));
    /// ```
    pub async fn mvr_all<'a, I, V>(&self, moves: I) -> Result<(), PlanError>
    where
        I: IntoIterator<Item = (&'a Device, V)>,
        V: Into<Value>,
    {
        let moves: Vec<(&Device, V)> = moves.into_iter().collect();
        each_moved_once(moves.iter().map(|(device, _)| *device))?;
        let group = Value::Str(self.env().seed.uid());
        let mut merged = Vec::new();
        for (obj, by) in moves {
            if positioner_of(obj).is_none() {
                self.rel_set_in(obj, by, group.clone()).await?;
                continue;
            }
            let before = self.initial_position(obj).await?;
            merged.push((obj.clone(), plus(&before, &by.into()).map_err(PlanError::type_error)?));
        }
        for (obj, position) in merged_moves(merged)? {
            self.abs_set_in(&obj, position, group.clone()).await?;
        }
        self.wait_with(Wait { group, timeout_s: Some(None), ..Wait::default() }).await.map(drop)
    }

    /// From where a device is moved by so much: the setpoint that it tells, or its position, or what is read of it; 0 if
    /// the engine answers nothing.
    pub(super) async fn initial_position(&self, obj: &Device) -> Result<Value, PlanError> {
        if obj.ask("as_locatable", |object| object.as_locatable().is_some())? {
            return Ok(match self.locate_of_preprocessors(obj).await? {
                Response::Location(location) => location.setpoint,
                _ => 0.into(),
            });
        }
        if let Some(position) = obj.position() {
            return Ok(position);
        }
        let Response::Readings(readings) = self.msg(Msg::read(obj)).await? else { return Ok(0.into()) };
        let reading = match &*hinted_fields(obj) {
            [] => readings.0.first().map(|(_, reading)| reading).ok_or_else(|| {
                // What Python says of the first of no keys.
                PlanError::raised("IndexError", "list index out of range")
            })?,
            [key] => readings.get(key).ok_or_else(|| PlanError::key(key))?,
            several => {
                let message = format!("{} hints at {} values; which of them is its position?", obj, several.len());
                return Err(PlanError::raised("Exception", message));
            }
        };
        Ok(reading.value.clone())
    }

    /// `locate` as preprocessors spell it: without a word on whether one location comes alone.
    async fn locate_of_preprocessors(&self, obj: &Device) -> Result<Response, PlanError> {
        self.msg(Command::Locate(Locate { objs: vec![obj.clone()], squeeze: None }.into())).await
    }
}

fn hinted_fields(obj: &Device) -> Vec<Text> {
    obj.has_hints().ok().and_then(|hinted| hinted.hints().fields).unwrap_or_default()
}

fn several_values(obj: &Device, what: &str, number: usize) -> PlanError {
    PlanError::value(format!("{} {what} {number} values; only a device with one can be read as a value", obj.repr()))
}
