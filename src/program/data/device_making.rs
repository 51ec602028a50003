//! Devices, faults and callbacks made in code, which stand in no file.

use super::{CallbackFault, CallbackSpec, DeviceSpec, FaultSpec};
use crate::hardware::Fault;
use crate::value::yaml::{Node, Spanned};

impl DeviceSpec {
    /// A device of that class, without options.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::program::{DeviceSpec, Program};
    ///
    /// let (lab, mut program) = (Harness::new(), Program::default());
    /// program.devices.push(DeviceSpec::new("SynAxis", "stage").with("delay", 0.5));
    /// lab.furnish(&program)?;
    /// let stage = lab.device("stage");
    /// assert_eq!(lab.run(plan(async move |p| p.mv(&stage, 3).await)).duration(), secs(0.5));
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    #[must_use]
    pub fn new(class: impl Into<String>, name: impl Into<String>) -> Self {
        let (name, class) = (Spanned::from(name.into()), Spanned::from(class.into()));
        Self { name, class, options: Vec::new(), fault: None, faults: Vec::new() }
    }

    /// The same with an option of its class, in place of the value that the option had.
    #[must_use]
    pub fn with(mut self, option: impl Into<String>, value: impl Into<Node>) -> Self {
        let (option, value) = (option.into(), value.into());
        match self.options.iter_mut().find(|(key, _)| key.value == option) {
            Some((_, known)) => *known = value,
            None => self.options.push((Spanned::from(option), value)),
        }
        self
    }

    /// The value of an option; nothing where the device has what is usual.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&Node> {
        self.options.iter().find(|(key, _)| key.value == name).map(|(_, node)| node)
    }
}

impl FaultSpec {
    /// A fault of the device of that name.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::program::FaultSpec;
    ///
    /// let stalls = FaultSpec::new("motor", Fault::on_set(2).raises("stalled"));
    /// assert_eq!(stalls.to_rust(), "lab.device(\"motor\").fault(Fault::on_set(2).raises(\"stalled\"));");
    /// ```
    #[must_use]
    pub fn new(device: impl Into<String>, fault: Fault) -> Self {
        Self { device: Spanned::from(device.into()), fault }
    }
}

impl CallbackSpec {
    /// A callback that never fails.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: Spanned::from(name.into()), fault: None }
    }

    /// The same, which fails at the nth document that it gets, counted from 1, with that text.
    #[must_use]
    pub fn failing_at(self, nth: u64, message: impl Into<String>) -> Self {
        Self { fault: Some(CallbackFault { nth, message: message.into() }), ..self }
    }
}
