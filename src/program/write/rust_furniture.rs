//! Devices and faults as Rust code.

use std::time::Duration;

use crate::device::{DeviceError, Ending};
use crate::hardware::{Fault, FaultWhat, Method};
#[cfg(feature = "property")]
use crate::program::data::{CallbackSpec, SuspenderSpec};
use crate::program::data::{DeviceSpec, FaultSpec};
use crate::program::rust_words::rust_value;
use crate::value::Value;

/// How a class of devices is written: its constructor, and the method of its builder for each option.
struct BuiltBy {
    class: &'static str,
    constructor: &'static str,
    methods: &'static [(&'static str, Argument)],
}

/// What the method of a builder takes for an option.
#[derive(Clone, Copy)]
enum Argument {
    /// A float, by that method.
    Float(&'static str),
    /// A whole number, by that method.
    Whole(&'static str),
    /// The one word that stands for a method without arguments.
    Word(&'static str, &'static str),
    /// A value, which is the second argument of the constructor, and what it is where the option is left out.
    Second(&'static str),
}

const FRAMES: &[(&str, Argument)] = &[("num", Argument::Whole("num"))];

/// The classes that a search furnishes its labs with, and their kin.
const BUILDERS: &[BuiltBy] = &[
    BuiltBy { class: "SynAxis", constructor: "SynAxis::new", methods: &[("delay", Argument::Float("delay_s"))] },
    BuiltBy {
        class: "SimMotor",
        constructor: "SimMotor::new",
        methods: &[
            ("velocity", Argument::Float("velocity")),
            ("acceleration_time", Argument::Float("acceleration_time_s")),
            ("latency", Argument::Float("latency_s")),
            ("value", Argument::Float("value")),
            ("settle_time", Argument::Float("settle_time_s")),
            ("backlash", Argument::Float("backlash")),
        ],
    },
    BuiltBy {
        class: "SynSignal",
        constructor: "SynSignal::new",
        methods: &[("exposure_time", Argument::Float("exposure_time_s"))],
    },
    BuiltBy {
        class: "SimDetector",
        constructor: "SimDetector::new",
        methods: &[
            ("exposure_time", Argument::Float("exposure_s")),
            ("dead_time", Argument::Float("dead_time_s")),
            ("noise", Argument::Word("none", "without_noise")),
        ],
    },
    BuiltBy { class: "FlatFlyer", constructor: "skyspan::hardware::FrameFlyer::flat", methods: FRAMES },
    BuiltBy { class: "NestedFlyer", constructor: "skyspan::hardware::FrameFlyer::nested", methods: FRAMES },
    BuiltBy { class: "PageFlyer", constructor: "skyspan::hardware::FrameFlyer::paged", methods: FRAMES },
    BuiltBy { class: "StreamFlyer", constructor: "skyspan::hardware::FrameFlyer::streamed", methods: FRAMES },
    BuiltBy { class: "Signal", constructor: "Signal::new", methods: &[("value", Argument::Second("0.0"))] },
];

impl DeviceSpec {
    /// What makes the device as Rust code: `SynAxis::new("motor").delay_s(0.5)`. Nothing where its class, or one of its options, has
    /// no such code yet; its faults are no part of it.
    #[must_use]
    pub fn to_rust(&self) -> Option<String> {
        let by = BUILDERS.iter().find(|by| by.class == self.class.value)?;
        let is_known = |key: &str| by.methods.iter().any(|(name, _)| *name == key);
        if !self.options.iter().all(|(key, _)| is_known(&key.value)) {
            return None;
        }
        let mut second = String::new();
        let mut calls = String::new();
        for (name, argument) in by.methods {
            let node = self.option(name);
            match (argument, node) {
                (Argument::Second(otherwise), None) => second = format!(", {otherwise}"),
                (Argument::Second(_), Some(node)) => second = format!(", {}", rust_value(&node.to_value().ok()?)),
                (_, None) => {}
                (Argument::Float(method), Some(node)) => {
                    calls += &format!(".{method}({:?})", node.expect_number("").ok()?);
                }
                (Argument::Whole(method), Some(node)) => {
                    calls += &format!(".{method}({})", node.expect_count("").ok()?)
                }
                (Argument::Word(word, method), Some(node)) => {
                    node.as_str().filter(|said| said == word)?;
                    calls += &format!(".{method}()");
                }
            }
        }
        Some(format!("{}({:?}{second}){calls}", by.constructor, self.name.value))
    }
}

impl FaultSpec {
    /// The statement that gives the fault to its device in a harness named `lab`:
    /// `lab.device("motor").fault(Fault::on_set(2).raises("stalled"));`
    #[must_use]
    pub fn to_rust(&self) -> String {
        format!("lab.device({:?}).fault({});", self.device.value, fault(&self.fault))
    }
}

/// What makes a callback: `skyspan::program::ProgramCallback::new(&skyspan::program::CallbackSpec::new("disk"))`.
#[cfg(feature = "property")]
pub(crate) fn callback_to_rust(spec: &CallbackSpec) -> String {
    let failing = spec.fault.as_ref().map(|fault| format!(".failing_at({}, {:?})", fault.nth, fault.message));
    let spec = format!("skyspan::program::CallbackSpec::new({:?}){}", spec.name.value, failing.unwrap_or_default());
    format!("skyspan::program::ProgramCallback::new(&{spec})")
}

/// What makes a suspender of a signal of a harness named `lab`, under its name. Nothing where its class has no such code, or it has
/// options or plans.
#[cfg(feature = "property")]
pub(crate) fn suspender_to_rust(spec: &SuspenderSpec) -> Option<String> {
    let made = match spec.class.value.as_str() {
        "SuspendBoolHigh" => "bool_high",
        "SuspendBoolLow" => "bool_low",
        _ => return None,
    };
    let is_plain = spec.options.is_empty() && spec.pre_plan.is_none() && spec.post_plan.is_none();
    let signal = spec.signal.as_str().filter(|_| is_plain)?;
    let suspender = format!("skyspan::engine::Suspender::{made}(&lab.device({signal:?})).build().unwrap()");
    Some(format!("skyspan::message::Object::from(&{suspender}).named({:?})", spec.name.value))
}

/// A fault as Rust code: `Fault::on_set(2).raises("stalled")`.
fn fault(fault: &Fault) -> String {
    let calls = match fault.occasions().calls() {
        Ok((1, u64::MAX)) => "..".to_owned(),
        Ok((first, u64::MAX)) => format!("{first}.."),
        Ok((first, last)) if first == last => first.to_string(),
        Ok((first, last)) => format!("{first}..={last}"),
        Err(rate) => format!("skyspan::hardware::Occasions::at_rate({rate:?})"),
    };
    let on = match fault.method() {
        method @ (Method::Set
        | Method::Trigger
        | Method::Read
        | Method::Stage
        | Method::Unstage
        | Method::Stop
        | Method::Kickoff
        | Method::Complete
        | Method::Collect) => format!("on_{method}({calls})"),
        other => format!("on(Method::{other:?}, {calls})"),
    };
    let what = match fault.what() {
        FaultWhat::Raises(raised) => match usual_message(raised) {
            Some(message) => format!("raises({message:?})"),
            None => format!("raises_error({})", error(raised)),
        },
        FaultWhat::Ends(Ending { never: true, .. }) => "hangs()".to_owned(),
        FaultWhat::Ends(Ending { fails: Some((delay, raised)), .. }) => match usual_message(raised) {
            Some(message) => format!("fails_after({}, {message:?})", duration_to_rust(*delay)),
            None => format!("fails_with({}, {})", duration_to_rust(*delay), error(raised)),
        },
        FaultWhat::Ends(ending) if !ending.late_by.is_zero() => {
            format!("late_by({})", duration_to_rust(ending.late_by))
        }
        FaultWhat::Ends(ending) => format!("slow_by({:?})", ending.slow_by),
        FaultWhat::LateByOneOf(delays) => {
            let delays: Vec<String> = delays.iter().map(|delay| duration_to_rust(*delay)).collect();
            format!("late_by_one_of([{}])", delays.join(", "))
        }
        FaultWhat::Reads(None, Value::Float(number)) if number.is_nan() => "reads_nan()".to_owned(),
        FaultWhat::Reads(None, value) => format!("reads({})", rust_value(value)),
        FaultWhat::Reads(Some(key), value) => format!("reads_as({:?}, {})", &**key, rust_value(value)),
        FaultWhat::Disconnects(time) => format!("disconnects_for({})", duration_to_rust(*time)),
    };
    format!("Fault::{on}.{what}")
}

/// The text of an error of the usual class.
fn usual_message(error: &DeviceError) -> Option<String> {
    (&*error.name() == "DeviceFault").then(|| error.to_string())
}

fn error(error: &DeviceError) -> String {
    format!("skyspan::device::DeviceError::other({:?}, {:?})", &*error.name(), error.to_string())
}

/// `secs(0.5)`
pub(crate) fn duration_to_rust(time: Duration) -> String {
    format!("secs({:?})", time.as_secs_f64())
}
