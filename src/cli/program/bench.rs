//! [`Bench`]: the devices that a plan file can name.

use std::time::Duration;

use super::bluesky_names::{CLASSES, DEVICES};
use crate::cli::plan_file::{DeviceSpec, FaultKind, FaultSpec, Node, NodeValue, PlanFileError, Spanned, nearest};
use crate::device::Device;
use crate::hardware::{Beamline, Fault, MockFlyer, Noise, Signal, SynAxis, SynGauss, SynSignal, SynSignalWithRegistry};
use crate::harness::Harness;
use crate::message::Arg;
use crate::value::{Text, Value};

/// The classes of device that a plan file can make.
const KNOWN_CLASSES: [&str; 6] = ["MockFlyer", "Signal", "SynAxis", "SynGauss", "SynSignal", "SynSignalWithRegistry"];

/// The devices that a plan file can name: those of the beamline, and its own.
pub(super) struct Bench {
    beamline: Beamline,
}

impl Bench {
    /// Adds the devices of a plan file to a harness.
    pub(super) fn furnish(lab: &Harness, specs: &[DeviceSpec]) -> Result<Self, PlanFileError> {
        let mut bench = Self { beamline: lab.beamline() };
        for spec in specs {
            let device = lab.add(bench.make(spec)?);
            bench.beamline.add(device);
        }
        Ok(bench)
    }

    /// The device that a string names, or its component behind a dot; nothing where it names none.
    fn named(&self, text: &str, node: &Node) -> Result<Option<Device>, PlanFileError> {
        let head = text.split('.').next().unwrap_or(text);
        if self.beamline.get(head).is_none() {
            return if DEVICES.contains(&head) {
                Err(node.unexpected(format!(
                    "a device that exists: `{head}` of bluesky's beamline does not exist in skyspan yet"
                )))
            } else {
                Ok(None)
            };
        }
        match self.beamline.get(text) {
            Some(device) => Ok(Some(device)),
            None => Err(node.unexpected(format!("a component of the device `{head}`"))),
        }
    }

    /// A device, named by a string.
    pub(super) fn device(&self, node: &Node) -> Result<Device, PlanFileError> {
        let name = node.expect_str("the name of a device")?;
        self.named(name, node)?.ok_or_else(|| {
            let names: Vec<&str> = self.beamline.names().map(|name| &**name).collect();
            node.unexpected("the name of a device").with_suggestion(nearest(name, names))
        })
    }

    /// Devices, in a list of their names.
    pub(super) fn devices(&self, node: &Node) -> Result<Vec<Device>, PlanFileError> {
        node.expect_list("a list of devices")?.iter().map(|node| self.device(node)).collect()
    }

    /// An argument: a string that names a device is the device, `{str: text}` is the text, all else is its value.
    pub(super) fn arg(&self, node: &Node) -> Result<Arg, PlanFileError> {
        match &node.value {
            NodeValue::Scalar(Value::Str(text)) => Ok(match self.named(text, node)? {
                Some(device) => Arg::Device(device),
                None => Arg::from(text.clone()),
            }),
            NodeValue::Scalar(value) => Ok(Arg::from(value.clone())),
            NodeValue::Sequence(nodes) => {
                let args = nodes.iter().map(|node| self.arg(node)).collect::<Result<Vec<_>, _>>()?;
                let values: Option<Vec<Value>> = args.iter().map(|arg| arg.as_value().cloned()).collect();
                Ok(values.map_or(Arg::List(args), Arg::from))
            }
            NodeValue::Mapping(entries) => match &**entries {
                [(key, text)] if key.as_str() == Some("str") => Ok(Arg::from(text.to_value()?)),
                _ => {
                    let mut map = crate::value::Map::new();
                    for (key, value) in entries {
                        let key = key.expect_str("a string as the key")?;
                        match self.arg(value)? {
                            Arg::Value(value) => drop(map.insert(key, value)),
                            other => drop(map.insert(key, other.to_recorded())),
                        }
                    }
                    Ok(Arg::from(map))
                }
            },
        }
    }

    /// A value, in which no string names a device.
    pub(super) fn value(&self, node: &Node) -> Result<Value, PlanFileError> {
        match self.arg(node)? {
            Arg::Value(value) => Ok(value),
            _ => Err(node.unexpected("a value, not a device").with_help("write {str: NAME} for the plain string")),
        }
    }

    fn make(&self, spec: &DeviceSpec) -> Result<Device, PlanFileError> {
        let class = &spec.class;
        if spec.fault.is_some() && class.value != "SynAxis" {
            return Err(class_error(class, "the class `SynAxis`, the only one that takes a fault so far"));
        }
        let name = Text::from(&spec.name.value);
        let mut options = Options { bench: self, spec };
        let device = match class.value.as_str() {
            "SynAxis" => options.syn_axis(name)?,
            "SynGauss" => options.syn_gauss(name)?,
            "SynSignal" => options.syn_signal(name)?,
            "SynSignalWithRegistry" => options.syn_signal_with_registry(name)?,
            "MockFlyer" => options.mock_flyer(name)?,
            "Signal" => {
                options.only(&["value", "labels"])?;
                let value = options.value("value")?.unwrap_or_else(|| 0.0.into());
                Signal::new(name, value).labels(options.labels()?).into()
            }
            other if CLASSES.contains(&other) => {
                let expected = format!("a class that exists: `{other}` of ophyd.sim does not exist in skyspan yet");
                return Err(class_error(class, &expected));
            }
            other => {
                return Err(class_error(class, "the class of a device").with_suggestion(nearest(other, KNOWN_CLASSES)));
            }
        };
        Ok(device)
    }
}

fn class_error(class: &Spanned<String>, expected: &str) -> PlanFileError {
    PlanFileError::new(class.position, expected, format!("the string {:?}", class.value))
}

/// The options with which a device is to be made.
struct Options<'a> {
    bench: &'a Bench,
    spec: &'a DeviceSpec,
}

impl Options<'_> {
    fn syn_axis(&mut self, name: Text) -> Result<Device, PlanFileError> {
        self.only(&["value", "delay", "precision", "events_per_move", "egu", "labels"])?;
        let mut axis = SynAxis::new(name).labels(self.labels()?);
        if let Some(value) = self.value("value")? {
            axis = axis.value(value);
        }
        if let Some(delay_s) = self.seconds("delay")? {
            axis = axis.delay_s(delay_s);
        }
        if let Some(precision) = self.integer("precision")? {
            axis = axis.precision(precision);
        }
        if let Some(node) = self.get("events_per_move") {
            let events = node.expect_count("how many events a move has, at least 1")?;
            let events = u32::try_from(events).ok().filter(|events| *events > 0);
            axis =
                axis.events_per_move(events.ok_or_else(|| node.unexpected("how many events a move has, at least 1"))?);
        }
        if let Some(node) = self.get("egu") {
            axis = axis.egu(node.expect_str("a unit")?);
        }
        if let Some(fault) = &self.spec.fault {
            axis = axis.fault(make_fault(fault));
        }
        Ok(axis.into())
    }

    fn syn_gauss(&mut self, name: Text) -> Result<Device, PlanFileError> {
        self.only(&["motor", "motor_field", "center", "Imax", "sigma", "noise", "noise_multiplier", "labels"])?;
        let motor = self.bench.device(self.required("motor")?)?;
        let motor_field = self.required("motor_field")?.expect_str("the data key of the motor")?;
        let mut gauss = SynGauss::new(name, motor, motor_field)
            .center(self.number(self.required("center")?)?)
            .imax(self.number(self.required("Imax")?)?)
            .labels(self.labels()?);
        if let Some(node) = self.get("sigma") {
            gauss = gauss.sigma(self.number(node)?);
        }
        if let Some(node) = self.get("noise").filter(|node| !node.is_null()) {
            let noise = [Noise::None, Noise::Poisson, Noise::Uniform];
            let found = noise.into_iter().find(|noise| node.as_str() == Some(noise.as_str()));
            gauss = gauss.noise(found.ok_or_else(|| node.unexpected("`none`, `poisson` or `uniform`"))?);
        }
        if let Some(node) = self.get("noise_multiplier") {
            gauss = gauss.noise_multiplier(self.number(node)?);
        }
        Ok(gauss.into())
    }

    fn syn_signal(&mut self, name: Text) -> Result<Device, PlanFileError> {
        self.only(&["exposure_time", "precision", "labels"])?;
        let mut signal = SynSignal::new(name).labels(self.labels()?);
        if let Some(exposure_time_s) = self.seconds("exposure_time")? {
            signal = signal.exposure_time_s(exposure_time_s);
        }
        if let Some(precision) = self.integer("precision")? {
            signal = signal.precision(precision);
        }
        Ok(signal.into())
    }

    fn syn_signal_with_registry(&mut self, name: Text) -> Result<Device, PlanFileError> {
        self.only(&["exposure_time", "precision", "save_path", "save_spec", "save_ext", "labels"])?;
        let mut signal = SynSignalWithRegistry::new(name).labels(self.labels()?);
        if let Some(exposure_time_s) = self.seconds("exposure_time")? {
            signal = signal.exposure_time_s(exposure_time_s);
        }
        if let Some(precision) = self.integer("precision")? {
            signal = signal.precision(precision);
        }
        if let Some(node) = self.get("save_path").filter(|node| !node.is_null()) {
            signal = signal.save_path(node.expect_str("a directory")?);
        }
        if let Some(node) = self.get("save_spec") {
            signal = signal.save_spec(node.expect_str("what can read the files")?);
        }
        if let Some(node) = self.get("save_ext") {
            signal = signal.save_ext(node.expect_str("how the names of the files end")?);
        }
        Ok(signal.into())
    }

    fn mock_flyer(&mut self, name: Text) -> Result<Device, PlanFileError> {
        self.only(&["detector", "motor", "start", "stop", "num"])?;
        let detector = self.bench.device(self.required("detector")?)?;
        let motor = self.bench.device(self.required("motor")?)?;
        let start = self.required("start")?.expect_number("the number where the flight starts")?;
        let stop = self.required("stop")?.expect_number("the number where the flight stops")?;
        let num = self.required("num")?.expect_count("the number of points, a whole number from 0 on")?;
        Ok(MockFlyer::new(name, &detector, &motor, start, stop, num).into())
    }

    fn get(&self, key: &str) -> Option<&Node> {
        self.spec.options.iter().find(|(option, _)| option.value == key).map(|(_, node)| node)
    }

    fn required(&self, key: &str) -> Result<&Node, PlanFileError> {
        self.get(key).ok_or_else(|| {
            let class = &self.spec.class;
            PlanFileError::new(class.position, format!("the option `{key}` of a {}", class.value), "none")
        })
    }

    /// Wants no other options than these.
    fn only(&self, known: &[&str]) -> Result<(), PlanFileError> {
        match self.spec.options.iter().find(|(option, _)| !known.contains(&option.value.as_str())) {
            None => Ok(()),
            Some((option, _)) => Err(PlanFileError::new(
                option.position,
                format!("an option of {}: {}", self.spec.class.value, known.join(", ")),
                format!("{:?}", option.value),
            )
            .with_suggestion(nearest(&option.value, known.iter().copied()))),
        }
    }

    fn value(&self, key: &str) -> Result<Option<Value>, PlanFileError> {
        self.get(key).map(Node::to_value).transpose()
    }

    /// A number as it is written, whole or not.
    fn number(&self, node: &Node) -> Result<Value, PlanFileError> {
        node.expect_number("a number")?;
        node.to_value()
    }

    fn seconds(&self, key: &str) -> Result<Option<f64>, PlanFileError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let seconds = node.expect_number("a number of seconds")?;
        if Duration::try_from_secs_f64(seconds).is_err() {
            return Err(node.unexpected("a number of seconds that is not negative"));
        }
        Ok(Some(seconds))
    }

    fn integer(&self, key: &str) -> Result<Option<i64>, PlanFileError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match node.to_value()?.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(node.unexpected("a whole number")),
        }
    }

    fn labels(&self) -> Result<Vec<Text>, PlanFileError> {
        let Some(node) = self.get("labels") else { return Ok(Vec::new()) };
        node.expect_list("a list of labels")?.iter().map(|label| Ok(label.expect_str("a label")?.into())).collect()
    }
}

fn make_fault(fault: &FaultSpec) -> Fault {
    let on_set = Fault::on_set(fault.nth);
    match fault.kind.value {
        FaultKind::Fail => {
            let delay = Duration::try_from_secs_f64(fault.after_s).unwrap_or_default();
            on_set.fails_after(delay, &fault.message)
        }
        FaultKind::Raise => on_set.raises(&fault.message),
        FaultKind::Hang => on_set.hangs(),
    }
}
