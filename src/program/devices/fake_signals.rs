//! Signals that stand for process variables, made of what a program says of them.

use crate::device::Device;
use crate::hardware::{FakeEpicsSignal, FakeEpicsSignalBuilder};
use crate::program::options::Options;
use crate::value::Text;
use crate::value::yaml::YamlError;

/// A `FakeEpicsSignal` or `FakeEpicsSignalRO`.
pub(super) fn of_variable(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut signal = FakeEpicsSignal::builder(options.required("read_pv")?.expect_str("a process variable")?, name);
    if let Some(write_pv) = options.text("write_pv", "a process variable")? {
        signal = signal.write_pv(write_pv);
    }
    if options.class.value == "FakeEpicsSignalRO" {
        signal = signal.read_only();
    }
    with_options(signal, options)
}

/// A `FakeEpicsSignalWithRBV` or `FakeEpicsPathSignal`.
pub(super) fn of_prefix(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let is_path = options.class.value == "FakeEpicsPathSignal";
    let prefix = options.required("prefix")?.expect_str("a process variable")?;
    let mut signal = FakeEpicsSignal::builder(prefix, name).with_rbv(prefix);
    if is_path {
        options.required("path_semantics")?.expect_str("a kind of path")?;
        signal = signal.of_a_path();
    }
    with_options(signal, options)
}

fn with_options(mut signal: FakeEpicsSignalBuilder, options: &Options<'_>) -> Result<Device, YamlError> {
    let is = |key| options.get(key).map_or(Ok(false), |node| node.expect_bool("true or false"));
    if is("string")? {
        signal = signal.string();
    }
    if is("limits")? {
        signal = signal.limits();
    }
    if let Some(exposure_time_s) = options.seconds("exposure_time")? {
        signal = signal.exposure_time_s(exposure_time_s);
    }
    if let Some(precision) = options.integer("precision")? {
        signal = signal.precision(precision);
    }
    Ok(signal.labels(options.labels()?).build().into())
}
