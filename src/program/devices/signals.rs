//! Signals, made of what a program says of them.

use crate::device::Device;
use crate::hardware::{Signal, SynPeriodicSignal, SynSignal, SynSignalWithRegistry};
use crate::program::options::Options;
use crate::value::Text;
use crate::value::yaml::YamlError;

pub(super) fn signal(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let value = options.value("value")?.unwrap_or_else(|| 0.0.into());
    Ok(Signal::new(name, value).labels(options.labels()?).into())
}

pub(super) fn enum_signal(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let choices = options.required("enum_strings")?.expect_list("a list of strings")?;
    let choices = choices.iter().map(|choice| choice.expect_str("a string")).collect::<Result<Vec<_>, _>>()?;
    let value = options.value("value")?.unwrap_or_else(|| 0.into());
    match Signal::with_choices(name, value, choices) {
        Ok(signal) => Ok(signal.labels(options.labels()?).into()),
        Err(error) => {
            let node = options.required("value")?;
            Err(node.unexpected("one of the strings, or its number").with_help(error.to_string()))
        }
    }
}

pub(super) fn syn_signal(signal: SynSignal, options: &Options<'_>) -> Result<SynSignal, YamlError> {
    let mut signal = signal.labels(options.labels()?);
    if let Some(exposure_time_s) = options.seconds("exposure_time")? {
        signal = signal.exposure_time_s(exposure_time_s);
    }
    if let Some(precision) = options.integer("precision")? {
        signal = signal.precision(precision);
    }
    Ok(signal)
}

pub(super) fn syn_periodic_signal(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut signal = SynPeriodicSignal::new(name).labels(options.labels()?);
    if let Some(period_s) = options.seconds("period")? {
        signal = signal.period_s(period_s);
    }
    if let Some(period_jitter_s) = options.seconds("period_jitter")? {
        signal = signal.period_jitter_s(period_jitter_s);
    }
    if let Some(exposure_time_s) = options.seconds("exposure_time")? {
        signal = signal.exposure_time_s(exposure_time_s);
    }
    if let Some(precision) = options.integer("precision")? {
        signal = signal.precision(precision);
    }
    Ok(signal.into())
}

pub(super) fn syn_signal_with_registry(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut signal = SynSignalWithRegistry::new(name).labels(options.labels()?);
    if let Some(exposure_time_s) = options.seconds("exposure_time")? {
        signal = signal.exposure_time_s(exposure_time_s);
    }
    if let Some(precision) = options.integer("precision")? {
        signal = signal.precision(precision);
    }
    if let Some(node) = options.get("save_path").filter(|node| !node.is_null()) {
        signal = signal.save_path(node.expect_str("a directory")?);
    }
    if let Some(node) = options.get("save_spec") {
        signal = signal.save_spec(node.expect_str("what can read the files")?);
    }
    if let Some(node) = options.get("save_ext") {
        signal = signal.save_ext(node.expect_str("how the names of the files end")?);
    }
    Ok(signal.into())
}
