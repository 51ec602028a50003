//! The devices of ophyd-async, made of what a program says of them.

use super::options_of::{ASYNC_AXIS, ASYNC_MOTOR, ASYNC_READABLE, ASYNC_SIGNAL, ASYNC_STAGE};
use super::simulated::{pair, with_number, with_number_from_zero, with_positive, with_seconds};
use crate::device::Device;
use crate::hardware::{
    Arrives, AsyncAxis, AsyncChild, AsyncCommand, AsyncDetector, AsyncFlyer, AsyncMotor, AsyncPointDetector,
    AsyncReadable, AsyncSignal, AsyncStage, DetectorData, DetectorTrigger, ReadableFormat, SignalDatatype,
};
use crate::program::options::{Options, class_error};
use crate::program::parameter::Parameter;
use crate::value::yaml::{Node, NodeValue, Spanned, YamlError};
use crate::value::{Text, nearest};

pub(super) const SIGNAL_CLASS: &str = "ophyd_async.core.soft_signal_rw";
const MOTOR_CLASS: &str = "ophyd_async.sim.SimMotor";
const STAGE_CLASS: &str = "ophyd_async.sim.SimStage";
const AXIS_CLASS: &str = "ophyd_async.core.StandardMovable";
const READABLE_CLASS: &str = "ophyd_async.core.StandardReadable";

/// What something becomes where an option is true.
fn where_true<T>(made: T, options: &Options<'_>, key: &str, add: impl FnOnce(T) -> T) -> Result<T, YamlError> {
    match options.get(key) {
        Some(node) if node.expect_bool("true or false")? => Ok(add(made)),
        _ => Ok(made),
    }
}

/// What something becomes with an option that is a text.
fn with_text<T>(made: T, options: &Options<'_>, key: &str, add: impl FnOnce(T, Text) -> T) -> Result<T, YamlError> {
    Ok(match options.text(key, "a text")? {
        Some(text) => add(made, text),
        None => made,
    })
}

/// The options of something that is a map of its own.
pub(super) fn own_options(node: &Node, what: &str) -> Result<Vec<(Spanned<String>, Node)>, YamlError> {
    let entries = node.expect_map(what)?.iter().map(|(key, value)| {
        let name = key_text(key, what)?;
        Ok((Spanned { value: name, position: key.position }, value.clone()))
    });
    entries.collect()
}

/// A key of a map, which may be a number: elements are counted.
fn key_text(key: &Node, what: &str) -> Result<String, YamlError> {
    match &key.value {
        NodeValue::Scalar(value) if value.as_i64().is_some() => Ok(value.to_string()),
        _ => Ok(key.expect_str(what)?.to_owned()),
    }
}

fn datatype(node: &Node) -> Result<SignalDatatype, YamlError> {
    let what = "float, int, bool, str, strings, `array:` and a type of numpy's, a list of choices, {subset: [...]} or \
                {table: {...}}";
    let texts = |nodes: &[Node]| -> Result<Vec<Text>, YamlError> {
        nodes.iter().map(|node| Ok(node.expect_str("a choice")?.into())).collect()
    };
    match &node.value {
        NodeValue::Sequence(choices) if !choices.is_empty() => Ok(SignalDatatype::Choice(texts(choices)?)),
        NodeValue::Mapping(entries) => match &**entries {
            [(key, choices)] if key.as_str() == Some("subset") => {
                Ok(SignalDatatype::Subset(texts(choices.expect_list("choices")?)?))
            }
            [(key, columns)] if key.as_str() == Some("table") => {
                let columns = columns.expect_map("the type of each column")?.iter().map(|(name, element)| {
                    let element = element.expect_str("a type in numpy's words, such as <f8")?;
                    Ok((name.expect_str("the name of a column")?.into(), element.into()))
                });
                Ok(SignalDatatype::Table(columns.collect::<Result<_, YamlError>>()?))
            }
            _ => Err(node.unexpected(what)),
        },
        _ => match node.as_str() {
            Some("float") => Ok(SignalDatatype::Float),
            Some("int") => Ok(SignalDatatype::Int),
            Some("bool") => Ok(SignalDatatype::Bool),
            Some("str") => Ok(SignalDatatype::Str),
            Some("strings") => Ok(SignalDatatype::Strings),
            Some(text) => match text.strip_prefix("array:").filter(|element| !element.is_empty()) {
                Some(element) => Ok(SignalDatatype::Array(element.into())),
                None => Err(node.unexpected(what)),
            },
            None => Err(node.unexpected(what)),
        },
    }
}

fn soft_signal(name: Text, options: &Options<'_>) -> Result<AsyncSignal, YamlError> {
    let given = options.get("datatype").map(datatype).transpose()?;
    let value = options.get("value").filter(|node| !node.is_null());
    let mut signal = match (given, value) {
        (given, Some(node)) => {
            let value = node.to_value()?;
            let datatype = given.unwrap_or_else(|| SignalDatatype::of(&value));
            datatype
                .convert(&value)
                .map_err(|error| node.unexpected("a value that the datatype takes").with_help(error.to_string()))?;
            AsyncSignal::new(name, value).datatype(datatype)
        }
        (given, None) => AsyncSignal::of_type(name, given.unwrap_or(SignalDatatype::Float)),
    };
    signal = with_text(signal.labels(options.labels()?), options, "units", AsyncSignal::units)?;
    if let Some(precision) = options.integer("precision")? {
        signal = signal.precision(precision);
    }
    signal = with_seconds(signal, options, "timeout", AsyncSignal::timeout_s)?;
    if let Some(node) = options.get("put_proceeds")
        && !node.expect_bool("whether a put is done once the value is there")?
    {
        signal = signal.puts_wait();
    }
    where_true(signal, options, "mock", AsyncSignal::mock)
}

pub(super) fn soft_signal_rw(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(soft_signal(name, options)?.into())
}

pub(super) fn soft_signal_r(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(soft_signal(name, options)?.read_only().into())
}

fn motor(name: Text, options: &Options<'_>) -> Result<AsyncMotor, YamlError> {
    let mut motor = AsyncMotor::new(name).labels(options.labels()?);
    if let Some(node) = options.get("instant") {
        motor = motor.velocity(if node.expect_bool("whether it takes no time")? { 0.0 } else { 1.0 });
    }
    motor = with_number_from_zero(motor, options, "velocity", AsyncMotor::velocity)?;
    motor = with_positive(motor, options, "acceleration_time", AsyncMotor::acceleration_time_s)?;
    motor = with_number(motor, options, "initial_value", AsyncMotor::value)?;
    motor = with_text(motor, options, "units", AsyncMotor::units)?;
    where_true(motor, options, "mock", AsyncMotor::mock)
}

pub(super) fn sim_motor(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(motor(name, options)?.into())
}

fn stage(name: Text, options: &Options<'_>) -> Result<AsyncStage, YamlError> {
    where_true(AsyncStage::new(name).labels(options.labels()?), options, "mock", AsyncStage::mock)
}

pub(super) fn sim_stage(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(stage(name, options)?.into())
}

fn axis(name: Text, options: &Options<'_>) -> Result<AsyncAxis, YamlError> {
    let mut axis = AsyncAxis::new(name).labels(options.labels()?);
    axis = with_text(axis, options, "class_name", AsyncAxis::class_name)?;
    axis = with_number(axis, options, "value", AsyncAxis::value)?;
    axis = with_text(axis, options, "units", AsyncAxis::units)?;
    if let Some(precision) = options.integer("precision")? {
        axis = axis.precision(precision);
    }
    if let Some(node) = options.get("limits").filter(|node| !node.is_null()) {
        let (low, high) = pair(node, "a low and a high limit")?;
        axis = axis.limits(low, high);
    }
    if let Some(node) = options.get("arrives") {
        let what = "`at_once`, `never`, or a number of seconds";
        axis = axis.arrives(match node.as_str() {
            Some("at_once") => Arrives::AtOnce,
            Some("never") => Arrives::Never,
            _ => Arrives::After(node.expect_seconds(what)?),
        });
    }
    for (attribute, signal) in signals_of(options, "config")? {
        axis = axis.config(attribute, signal);
    }
    where_true(axis, options, "mock", AsyncAxis::mock)
}

pub(super) fn standard_movable(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(axis(name, options)?.into())
}

/// The signals of an option, by their attributes.
fn signals_of(options: &Options<'_>, key: &str) -> Result<Vec<(Text, AsyncSignal)>, YamlError> {
    let Some(node) = options.get(key) else { return Ok(Vec::new()) };
    let signals = own_options(node, "signals by their attributes")?.into_iter().map(|(attribute, node)| {
        let all = own_options(&node, "what there is to say of a signal")?;
        let options = within(options, &all);
        options.only(ASYNC_SIGNAL)?;
        Ok((attribute.value.into(), soft_signal(Text::literal(""), &options)?))
    });
    signals.collect()
}

/// The options of something that belongs to a device.
const fn within<'a>(options: &Options<'a>, all: &'a [(Spanned<String>, Node)]) -> Options<'a> {
    Options { scope: options.scope, class: options.class, all, fault: None }
}

fn format(node: &Node) -> Result<ReadableFormat, YamlError> {
    match node.as_str() {
        Some("child") => Ok(ReadableFormat::Child),
        Some("config") => Ok(ReadableFormat::ConfigSignal),
        Some("hinted") => Ok(ReadableFormat::HintedSignal),
        Some("uncached") => Ok(ReadableFormat::UncachedSignal),
        Some("hinted_uncached") => Ok(ReadableFormat::HintedUncachedSignal),
        Some("not_read") => Ok(ReadableFormat::NotRead),
        _ => Err(node.unexpected("child, config, hinted, uncached, hinted_uncached or not_read")),
    }
}

/// A child, and how it is read.
fn child(node: &Node, options: &Options<'_>) -> Result<(ReadableFormat, AsyncChild), YamlError> {
    let mut all = own_options(node, "what there is to say of a child")?;
    let mut take = |key: &str| {
        let at = all.iter().position(|(name, _)| name.value == key)?;
        Some(all.remove(at).1)
    };
    let (given, class, elements) = (take("format"), take("class"), take("vector"));
    let given = given.as_ref().map(format).transpose()?;
    if let Some(elements) = elements {
        let elements = own_options(&elements, "children by their keys")?.into_iter();
        let elements = elements.map(|(key, node)| Ok((key.value.into(), child(&node, options)?.1)));
        let elements = elements.collect::<Result<_, YamlError>>()?;
        return Ok((given.unwrap_or(ReadableFormat::Child), AsyncChild::Vector(elements)));
    }
    let class = class.map(|class| {
        let value = class.expect_str("the class of a child")?.to_owned();
        Ok::<_, YamlError>(Spanned { value, position: class.position })
    });
    let class = class.transpose()?;
    let class = class.unwrap_or_else(|| Spanned { value: SIGNAL_CLASS.to_owned(), position: node.position });
    let own = Options { scope: options.scope, class: &class, all: &all, fault: None };
    let name = Text::literal("");
    let known = |parameters: &[Parameter]| own.only(parameters);
    let made: AsyncChild = match class.value.as_str() {
        SIGNAL_CLASS => known(ASYNC_SIGNAL).and_then(|()| soft_signal(name, &own))?.into(),
        MOTOR_CLASS => known(ASYNC_MOTOR).and_then(|()| motor(name, &own))?.into(),
        STAGE_CLASS => known(ASYNC_STAGE).and_then(|()| stage(name, &own))?.into(),
        AXIS_CLASS => known(ASYNC_AXIS).and_then(|()| axis(name, &own))?.into(),
        READABLE_CLASS => known(ASYNC_READABLE).and_then(|()| readable(name, &own))?.into(),
        other => {
            let classes = [SIGNAL_CLASS, MOTOR_CLASS, STAGE_CLASS, AXIS_CLASS, READABLE_CLASS];
            let error = class_error(&class, &format!("the class of a child: {}", classes.join(", ")));
            return Err(error.with_suggestion(nearest(other, classes)));
        }
    };
    let usual =
        if matches!(made, AsyncChild::Signal(_)) { ReadableFormat::HintedSignal } else { ReadableFormat::Child };
    Ok((given.unwrap_or(usual), made))
}

fn readable(name: Text, options: &Options<'_>) -> Result<AsyncReadable, YamlError> {
    let mut readable = AsyncReadable::new(name).labels(options.labels()?);
    readable = with_text(readable, options, "class_name", AsyncReadable::class_name)?;
    readable = with_text(readable, options, "child_name_separator", AsyncReadable::child_name_separator)?;
    for (attribute, node) in own_options(options.required("children")?, "children by their attributes")? {
        let (format, child) = child(&node, options)?;
        readable = readable.child(attribute.value, format, child);
    }
    where_true(readable, options, "mock", AsyncReadable::mock)
}

pub(super) fn standard_readable(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(readable(name, options)?.into())
}

pub(super) fn sim_point_detector(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut detector = AsyncPointDetector::new(name).labels(options.labels()?);
    if let Some(node) = options.get("num_channels") {
        let what = "the number of channels, a whole number up to a thousand";
        let channels = u32::try_from(node.expect_count(what)?).ok().filter(|channels| *channels <= 1000);
        detector = detector.channels(channels.ok_or_else(|| node.unexpected(what))?);
    }
    if let Some(stage) = looked_at(options)? {
        detector = detector.looks_at(&stage);
    }
    Ok(where_true(detector, options, "mock", AsyncPointDetector::mock)?.into())
}

/// What a detector looks at.
fn looked_at(options: &Options<'_>) -> Result<Option<Device>, YamlError> {
    let Some(node) = options.get("pattern").filter(|node| !node.is_null()) else { return Ok(None) };
    let device = options.scope.device(node)?;
    match AsyncPointDetector::can_look_at(&device) {
        true => Ok(Some(device)),
        false => Err(node.unexpected("the name of a stage or a detector of ophyd_async.sim")),
    }
}

pub(super) fn sim_blob_detector(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut detector = AsyncDetector::blob(name);
    if let Some(stage) = looked_at(options)? {
        detector = detector.looks_at(&stage);
    }
    Ok(detector_of(detector, options)?.into())
}

pub(super) fn standard_detector(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut detector = AsyncDetector::new(name);
    if let Some(node) = options.get("data") {
        for data in node.expect_list("what it writes into its files")? {
            detector = detector.data(detector_data(data)?);
        }
    }
    for (attribute, signal) in signals_of(options, "signals")? {
        detector = detector.signal(attribute, signal);
    }
    for (attribute, signal) in signals_of(options, "config")? {
        detector = detector.config(attribute, signal);
    }
    detector = with_text(detector, options, "class_name", AsyncDetector::class_name)?;
    if let Some(node) = options.get("triggers") {
        let triggers = node.expect_list("what can start an exposure")?.iter().map(|node| {
            let trigger = node.as_str().and_then(DetectorTrigger::of_name);
            trigger.ok_or_else(|| node.unexpected("INTERNAL, EXTERNAL_EDGE or EXTERNAL_LEVEL"))
        });
        detector = detector.triggers(triggers.collect::<Result<Vec<_>, _>>()?);
    }
    detector = where_true(detector, options, "takes_exposures", AsyncDetector::takes_exposures)?;
    Ok(detector_of(detector, options)?.into())
}

/// A detector with the options that any has.
fn detector_of(detector: AsyncDetector, options: &Options<'_>) -> Result<AsyncDetector, YamlError> {
    let mut detector = detector.labels(options.labels()?);
    detector = with_seconds(detector, options, "period", AsyncDetector::period_s)?;
    detector = with_text(detector, options, "root", AsyncDetector::root)?;
    detector = with_text(detector, options, "filename", AsyncDetector::filename)?;
    if let Some(node) = options.get("config_sigs") {
        for node in node.expect_list("the names of signals")? {
            detector = detector.config_signal(&options.scope.device(node)?);
        }
    }
    if let Some(node) = options.get("writes")
        && !node.expect_bool("whether anything comes into its files")?
    {
        detector = detector.never_writes();
    }
    where_true(detector, options, "mock", AsyncDetector::mock)
}

fn detector_data(node: &Node) -> Result<DetectorData, YamlError> {
    let what = "suffix, shape, dtype_numpy, chunk_shape, dataset and hinted of what it writes";
    let mut data = DetectorData {
        suffix: Text::literal(""),
        shape: Vec::new(),
        dtype_numpy: Text::literal("<f8"),
        chunk_shape: vec![1],
        dataset: Text::literal("/entry/data/data"),
        hinted: true,
    };
    let extents = |node: &Node| -> Result<Vec<u64>, YamlError> {
        node.expect_list("extents")?.iter().map(|extent| extent.expect_count("an extent")).collect()
    };
    for (key, value) in node.expect_map(what)? {
        match key.as_str() {
            Some("suffix") => data.suffix = value.expect_str("what stands behind the name")?.into(),
            Some("shape") => data.shape = extents(value)?,
            Some("dtype_numpy") => data.dtype_numpy = value.expect_str("a type in numpy's words")?.into(),
            Some("chunk_shape") => data.chunk_shape = extents(value)?,
            Some("dataset") => data.dataset = value.expect_str("where it stands in the file")?.into(),
            Some("hinted") => data.hinted = value.expect_bool("true or false")?,
            _ => return Err(key.unexpected(what)),
        }
    }
    Ok(data)
}

pub(super) fn standard_flyable(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut flyer = with_text(AsyncFlyer::new(name), options, "class_name", AsyncFlyer::class_name)?;
    flyer = with_seconds(flyer, options, "prepare_s", AsyncFlyer::prepare_s)?;
    flyer = with_seconds(flyer, options, "kickoff_s", AsyncFlyer::kickoff_s)?;
    Ok(with_seconds(flyer, options, "complete_s", AsyncFlyer::complete_s)?.into())
}

pub(super) fn triggerable_command(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let command = with_seconds(AsyncCommand::new(name), options, "takes_s", AsyncCommand::takes_s)?;
    Ok(with_seconds(command, options, "timeout", AsyncCommand::timeout_s)?.into())
}
