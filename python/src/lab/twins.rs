//! Labs like another one: for estimates, for what would be otherwise, and for plan files.

use std::sync::{Arc, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use skyspan::device::Device;
use skyspan::hardware::Beamline;
use skyspan::harness::{Estimate, Harness, Outcome};
use skyspan::message::{Arg, Msg};
use skyspan::program::{DeviceSpec, Item, OptionChange, Program, Step};
use skyspan::value::yaml::{Node, NodeValue, Spanned};
use skyspan::value::{Map, Position, Text, Value};

use super::computed::Functions;
use super::lab_core::LabCore;
use crate::mismatch::plain;

/// How a device was made. In its options other devices stand by names of their own, as two may have the same one.
pub(crate) struct Made {
    pub(crate) device: Device,
    pub(crate) spec: DeviceSpec,
    /// What computes its values, where that is Python's.
    pub(crate) functions: Functions,
}

/// The classes of devices that begin where their option `value` says.
const BEGINS_AT_VALUE: &[&str] = &[
    "LocatableSynAxis",
    "SimMotor",
    "SimTemperatureController",
    "SynAxis",
    "SynAxisEmptyHints",
    "SynAxisNoHints",
    "UnreplayableSynAxis",
];

/// The name by which the options of others know a device.
pub(crate) fn alias(number: usize) -> String {
    format!("device number {}", number + 1)
}

/// Beamline with what was made so far under those names.
pub(crate) fn with_aliases(mut among: Beamline, made: &[Made]) -> Beamline {
    for (number, made) in made.iter().enumerate() {
        among.insert(alias(number), &made.device);
    }
    among
}

/// The attribute by which a device has a component.
fn attribute_of(whole: &Device, component: &Device) -> Option<Text> {
    let name = component.name().as_str();
    let behind = name.strip_prefix(whole.name().as_str()).map(|rest| rest.trim_start_matches(['_', '-']).into());
    let read = whole.object().read_attrs().unwrap_or_default();
    let is_it = |attribute: &Text| whole.component(attribute).as_ref() == Some(component);
    behind.into_iter().chain(read).chain([Text::literal("setpoint"), Text::literal("readback")]).find(is_it)
}

/// The path of a device, from the one that it is a component of in the end.
fn path_of(device: &Device) -> Option<(Device, Vec<Text>)> {
    let mut path = Vec::new();
    let mut at = device.clone();
    while let Some(whole) = at.parent() {
        path.insert(0, attribute_of(&whole, &at)?);
        at = whole;
    }
    Some((at, path))
}

impl LabCore {
    /// The devices that were made, as a program has them; a device that stands for another by the same name comes last, and counts.
    fn program(&self) -> Program {
        let mut program = Program::default();
        // That of files which say nothing of it.
        program.resource = Map::from_iter([("service.name", "skyspan")]);
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let name_of = |node: &mut Node| {
            let device = made.iter().enumerate().find(|(number, _)| node.as_str() == Some(&alias(*number)));
            if let Some((_, made)) = device {
                *node = Node::from(made.device.name().as_str());
            }
        };
        for one in made.iter() {
            let mut spec = one.spec.clone();
            for (_, node) in &mut spec.options {
                each_scalar(node, &name_of);
            }
            spec.faults = one.device.faults();
            program.devices.retain(|known: &DeviceSpec| known.name.value != spec.name.value);
            program.devices.push(spec);
        }
        program
    }

    /// How each device would be twice as quick.
    pub(crate) fn quicker(&self) -> Vec<OptionChange> {
        self.program().quicker_devices()
    }

    /// A change of an option, as a text has it: `stage.velocity=4`.
    pub(crate) fn change(&self, text: &str) -> PyResult<OptionChange> {
        self.program().option_change(text).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// A lab like this one, with options of devices changed, where its devices are now; what stands for a device here stands for that
    /// device there. It leaves nothing but what an estimate needs.
    ///
    /// # Errors
    ///
    /// `ValueError` for an option that does not fit.
    pub(crate) fn twin(&self, changes: &[OptionChange]) -> PyResult<Arc<Self>> {
        let harness = self.settings.builder().start_time(self.harness.clock().now()).untraced().build();
        self.furnished(harness, changes)
    }

    /// The lab that a harness is, with devices like those here, and options of them changed.
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn furnished(&self, harness: Harness, changes: &[OptionChange]) -> PyResult<Arc<Self>> {
        let twin = Self::of(self.settings.clone(), harness);
        let mut pairs: Vec<(Device, Device)> = Vec::new();
        {
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            for one in made.iter() {
                let mut program = Program::default();
                program.devices.push(one.spec.clone());
                let mut program = program.with_options(changes);
                let Some(mut spec) = program.devices.pop() else { continue };
                if let Some(position) = one.device.position().filter(|_| BEGINS_AT_VALUE.contains(&&*spec.class.value))
                {
                    spec.options.retain(|(key, _)| key.value != "value");
                    spec.options.push((Spanned::from("value"), Node::from(position)));
                }
                let device = twin.make(&spec).map_err(|error| PyValueError::new_err(error.to_string()))?;
                for fault in one.device.faults() {
                    device.fault(fault);
                }
                pairs.push((one.device.clone(), device));
            }
        }
        let functions: Vec<Functions> = Python::attach(|py| {
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.iter().map(|one| one.functions.clone_ref(py)).collect()
        });
        for ((_, device), functions) in pairs.iter().zip(functions) {
            twin.hand_functions(device, functions)?;
        }
        let (here, there) = (self.harness.beamline(), twin.harness.beamline());
        for name in here.names() {
            if let (Some(device), Some(other)) = (here.get(name), there.get(name)) {
                pairs.push((device, other));
            }
        }
        self.bridge.hand_on(&twin.bridge, |device| {
            let (whole, path) = path_of(device)?;
            let (_, other) = pairs.iter().find(|(known, _)| *known == whole)?;
            path.iter().try_fold(other.clone(), |device, attribute| device.component(attribute))
        });
        Ok(twin)
    }

    /// The plan file of what a call has done: the devices of its messages, and these.
    ///
    /// # Errors
    ///
    /// `ValueError` for what a plan file has no word for.
    pub(crate) fn plan_file(&self, outcome: &Outcome) -> PyResult<String> {
        let mut steps = Vec::new();
        let mut used = Vec::new();
        for (number, msg) in outcome.messages().iter().enumerate() {
            let step = self.step(msg, &mut used).map_err(|found| {
                let what = format!("message {}, {msg}", number + 1);
                PyValueError::new_err(format!("{what}: {found} is in no plan file"))
            })?;
            steps.push(step);
        }
        let mut program = self.program();
        let needs: Vec<String> = program
            .devices
            .iter()
            .flat_map(|spec| spec.options.iter().filter_map(|(_, node)| node.as_str().map(str::to_owned)))
            .collect();
        let is_used = |spec: &DeviceSpec| used.contains(&spec.name.value) || needs.contains(&spec.name.value);
        program.devices.retain(is_used);
        let call = Default::default();
        program.items.push(Item::Messages { messages: steps, call, position: Position::NOWHERE });
        let text = program.to_yaml();
        // What is written is read again, and found to be complete.
        let checked = Program::parse(&text).and_then(|program| Harness::new().prepare(&program));
        checked.map_err(|error| PyValueError::new_err(format!("the plan file would not be complete: {error}")))?;
        Ok(text)
    }

    fn step(&self, msg: &Msg, used: &mut Vec<String>) -> Result<Step, String> {
        let mut step = Step::message(msg.command());
        if let Some(obj) = msg.obj() {
            step = step.of(self.node(&obj, used)?);
        }
        for arg in msg.args() {
            step = step.arg(self.node(&arg, used)?);
        }
        for (key, arg) in msg.kwargs() {
            step = step.kwarg(key.as_str(), self.node(&arg, used)?);
        }
        Ok(if msg.run.is_null() { step } else { step.in_run(msg.run.clone()) })
    }

    fn node(&self, arg: &Arg, used: &mut Vec<String>) -> Result<Node, String> {
        match arg {
            Arg::Value(value) => Ok(self.value(value)),
            Arg::Device(device) => {
                let found = || format!("the device {:?}", device.name().as_str());
                let (whole, path) = path_of(device).ok_or_else(found)?;
                if !super::handle::is_simulated(&whole) {
                    return Err(format!("{}, which is called where it stands,", found()));
                }
                let name = whole.name().to_string();
                if self.harness.beamline().get(&name).as_ref() != Some(&whole) {
                    return Err(format!("{}, as another one has its name,", found()));
                }
                if self.has_functions(&whole) {
                    return Err(format!("{}, whose values a function of Python computes,", found()));
                }
                let mut text = name.clone();
                for attribute in &path {
                    text.push('.');
                    text.push_str(attribute);
                }
                used.push(name);
                Ok(Node::from(text))
            }
            Arg::List(args) => {
                let nodes = args.iter().map(|arg| self.node(arg, used)).collect::<Result<Vec<_>, _>>()?;
                Ok(Node::from(nodes))
            }
            other => Err(format!("a callable or an object of Python, {other},")),
        }
    }
}

impl LabCore {
    /// A value as a plan file has it, where the name of a device alone stands for the device.
    fn value(&self, value: &Value) -> Node {
        match value {
            Value::Str(text) if self.harness.beamline().get(text).is_some() => {
                mapping([(Node::from("str"), Node::from(text.as_str()))])
            }
            Value::Array(elements) => Node::from(elements.iter().map(|value| self.value(value)).collect::<Vec<_>>()),
            Value::Map(map) => mapping(map.iter().map(|(key, value)| (Node::from(key.as_str()), self.value(value)))),
            other => Node::from(other.clone()),
        }
    }
}

fn mapping(entries: impl IntoIterator<Item = (Node, Node)>) -> Node {
    NodeValue::Mapping(entries.into_iter().collect()).into()
}

fn each_scalar(node: &mut Node, change: &impl Fn(&mut Node)) {
    match &mut node.value {
        NodeValue::Sequence(nodes) => nodes.iter_mut().for_each(|node| each_scalar(node, change)),
        NodeValue::Scalar(Value::Str(_)) => change(node),
        _ => {}
    }
}

/// How long a plan takes, where the time goes, and how much it writes. Its `str` is a table.
#[pyclass(frozen, name = "Estimate", module = "skyspan")]
pub(crate) struct PyEstimate {
    pub(crate) estimate: Estimate,
    /// What came out of the plan.
    pub(crate) exception: Option<Py<PyAny>>,
}

#[pymethods]
impl PyEstimate {
    /// How long it takes, in seconds.
    #[getter]
    fn duration(&self) -> f64 {
        self.estimate.duration.as_secs_f64()
    }

    /// How many runs are opened.
    #[getter]
    fn runs(&self) -> u64 {
        self.estimate.runs
    }

    /// How many events there are in the streams called `primary`.
    #[getter]
    fn points(&self) -> u64 {
        self.estimate.points
    }

    /// How many messages are executed.
    #[getter]
    fn messages(&self) -> u64 {
        self.estimate.messages()
    }

    /// What came out of the plan, where that was an exception; then the numbers are those up to it.
    #[getter]
    fn exception(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.exception.as_ref().map(|exception| exception.clone_ref(py))
    }

    /// For how many seconds a device is busy; 0 for one that the plan does not use.
    fn busy(&self, device: &str) -> f64 {
        self.estimate.device(device).map_or(0.0, |device| device.busy.as_secs_f64())
    }

    /// All of it as plain values.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.estimate)
    }

    fn __str__(&self) -> String {
        self.estimate.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Estimate: {} s>", self.duration())
    }
}
