//! [`raster_path`]: where a plan would take its events.

use super::RunEngineSimulator;
use crate::device::Device;
use crate::message::{Arg, PlanError};
use crate::plan::Plan;
use crate::value::Value;

/// Where two motors would be at each event of a plan, in order: the points that `bluesky.simulators.plot_raster_path`,
/// 1.15.1, plots. A motor that has not been set then is nowhere, which is null. Nothing moves; every message is answered
/// with nothing.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
/// use skyspan::simulate::raster_path;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let path = raster_path(plans::scan(&lab.device("det"), &x, 0, 1, 2), &x, &y)?;
/// assert_eq!(path, [(0.0.into(), Value::Null), (1.0.into(), Value::Null)]);
/// # Ok::<(), PlanError>(())
/// ```
///
/// # Errors
///
/// What came out of the plan, and the error of a plan that never ends.
pub fn raster_path(plan: impl Into<Plan>, x: &Device, y: &Device) -> Result<Vec<(Value, Value)>, PlanError> {
    let (mut at, mut path) = ((Value::Null, Value::Null), Vec::new());
    RunEngineSimulator::new().step_through(plan.into(), |msg| {
        match (msg.command(), msg.obj()) {
            ("save", _) => path.push(at.clone()),
            ("set", Some(Arg::Device(obj))) => {
                let to = msg.args().first().map(Arg::to_recorded).unwrap_or_default();
                if obj == *x {
                    at.0 = to;
                } else if obj == *y {
                    at.1 = to;
                }
            }
            _ => {}
        }
        true
    })?;
    Ok(path)
}
