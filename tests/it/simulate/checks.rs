//! Limits and paths, found out before anything moves.

use skyspan::device::{Args, Checkable, Cx, Movable, OphydObject, Status, StatusKind};
use skyspan::hardware::TrivialFlyer;
use skyspan::prelude::*;
use skyspan::simulate::{LimitError, RunEngineSimulator, check_limits, msg, raster_path};
use skyspan::value::Value;

use super::plan_of;

/// An axis that goes from 0 to 10.
struct Limited(Text);

impl OphydObject for Limited {
    fn name(&self) -> &Text {
        &self.0
    }

    fn class_name(&self) -> Text {
        "Limited".into()
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }
}

impl Movable for Limited {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.check_value(args.single()?)?;
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Checkable for Limited {
    fn check_value(&self, value: &Value) -> Result<(), DeviceError> {
        match value.as_f64() {
            Some(to) if (0.0..=10.0).contains(&to) => Ok(()),
            _ => Err(DeviceError::other(Text::literal("LimitError"), format!("{value} is not within 0 and 10"))),
        }
    }
}

fn limited() -> Device {
    Device::new(Limited("axis".into()))
}

#[test]
fn a_plan_within_its_limits_is_found_to_be() {
    let axis = limited();
    assert_eq!(check_limits(plan_of([0, 5, 10].map(|to| Msg::set(&axis, to)))), Ok(vec![]));
    assert!(axis.checkable().is_ok());
    let flyer: Device = TrivialFlyer::new("flyer").into();
    assert!(flyer.checkable().is_err());
}

#[test]
fn a_plan_beyond_its_limits_is_told_with_the_device_the_value_and_the_message() {
    let axis = limited();
    let error = check_limits(plan_of([Msg::wait("g"), Msg::set(&axis, 5), Msg::set(&axis, 11)])).unwrap_err();
    let LimitError::Refused { object, value, message, .. } = &error else { panic!("{error}") };
    assert_eq!((object, value, *message), (&axis, &11.into(), 3));
    assert_eq!(error.to_string(), "message 3 would set axis to 11, which it refuses: 11 is not within 0 and 10");
}

#[test]
fn what_cannot_tell_its_limits_is_warned_of_once() {
    let lab = Harness::new();
    // Neither can be set, nor say so.
    let (axis, motor, sig) = (limited(), lab.device("flyer1"), lab.device("trivial_flyer"));
    let msgs =
        [Msg::set(&motor, 1), Msg::set(&axis, 1), Msg::set(&sig, "it's"), Msg::set(&motor, 2), Msg::set(&sig, 3)];
    let warnings = check_limits(plan_of(msgs)).unwrap();
    let texts: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "flyer1 has no check_value() method to check if 1 is within its limits.",
            "trivial_flyer has no check_value() method to check if it's is within its limits.",
        ],
    );
    assert_eq!((warnings[1].message, &warnings[1].object), (3, &sig));
}

#[test]
fn a_plan_that_fails_has_no_limits() {
    let fails = plan(async |_| Err::<(), _>(plan_error!("no light")));
    assert_eq!(check_limits(fails), Err(LimitError::Plan(plan_error!("no light"))));
    // With the answers that it wants it goes on.
    let axis = limited();
    let simulator = RunEngineSimulator::new();
    simulator.add_handler(msg("input"), |_| 11.0);
    let asks = plan(async move |p| {
        let to: f64 = p.input("where to?").await?.parse().unwrap_or(12.0);
        p.mv(&axis, to).await
    });
    assert!(matches!(simulator.check_limits(asks), Err(LimitError::Refused { message: 2, .. })));
}

#[test]
fn limits_can_be_checked_while_an_engine_runs() {
    let lab = Harness::new();
    let run = lab.run(plan(async move |_| {
        let axis = limited();
        let refused = check_limits(plan_of([Msg::set(&axis, 11)])).is_err();
        Ok(refused)
    }));
    assert_eq!(run.plan_result(), Some(&true.into()));
}

#[test]
fn a_raster_has_a_point_for_each_event() {
    let lab = Harness::new();
    let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    let path = raster_path(plans::scan(&lab.device("det"), &x, 0, 2, 3).with(&y, 10, 12), &x, &y).unwrap();
    let points: Vec<(f64, f64)> = path.iter().map(|(x, y)| (x.as_f64().unwrap(), y.as_f64().unwrap())).collect();
    assert_eq!(points, [(0.0, 10.0), (1.0, 11.0), (2.0, 12.0)]);
}
