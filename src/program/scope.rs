//! [`Scope`]: what the names in a program stand for.

use super::callback::ProgramCallback;
use super::data::SubsSpec;
use super::op::Body;
use crate::clock::Clock;
use crate::device::Device;
use crate::document::DocumentName;
use crate::engine::Subscriber;
use crate::hardware::{Beamline, FlyMotorInfo, TriggerInfo};
use crate::message::{Arg, Object};
use crate::value::nearest;
use crate::value::yaml::{Node, NodeValue, Spanned, YamlError};
use crate::value::{Map, Value};

/// What the names in a program stand for: the devices of the beamline and of the program, its callbacks and suspenders.
pub(super) struct Scope {
    pub(super) clock: Clock,
    beamline: Beamline,
    names: ProgramNames,
    resolve: ResolveSteps,
    /// Whether what plans print is printed; a search runs thousands of them.
    pub(super) prints: bool,
}

/// What the steps of a program may name besides devices. Cloning gives other handles to the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgramNames {
    callbacks: Vec<ProgramCallback>,
    suspenders: Vec<(String, Object)>,
}

impl ProgramNames {
    /// Whether a callback or a suspender has that name.
    #[cfg(feature = "property")]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.callbacks.iter().any(|callback| *callback.name == *name)
            || self.suspenders.iter().any(|(known, _)| known == name)
    }

    /// Who gets the documents to which the callback of that name is subscribed.
    #[cfg(feature = "property")]
    pub(crate) fn subscriber(&self, name: &str) -> Option<&Subscriber> {
        self.callbacks.iter().find(|callback| *callback.name == *name).map(|callback| &callback.subscriber)
    }

    /// These besides; of two with one name, the newer.
    pub(crate) fn extend(&mut self, newer: Self) {
        self.callbacks.retain(|known| newer.callbacks.iter().all(|callback| callback.name != known.name));
        self.suspenders.retain(|(known, _)| newer.suspenders.iter().all(|(name, _)| name != known));
        self.callbacks.extend(newer.callbacks);
        self.suspenders.extend(newer.suspenders);
    }
}

/// Resolves the names in the steps of the list at a key. A plan may have steps among its arguments, and steps are resolved by who
/// knows all plans; so whoever makes a scope says who that is.
pub(super) type ResolveSteps = fn(&Node, &str, &Scope) -> Result<Body, YamlError>;

/// What a name stands for.
enum Named<'b> {
    Device(Device),
    Callback(&'b ProgramCallback),
    Suspender(&'b Object),
}

impl Scope {
    /// The devices of a beamline alone.
    pub(super) const fn new(clock: Clock, beamline: Beamline, resolve: ResolveSteps) -> Self {
        let names = ProgramNames { callbacks: Vec::new(), suspenders: Vec::new() };
        Self { clock, beamline, names, resolve, prints: true }
    }

    /// The same with callbacks and suspenders.
    pub(super) fn with_names(self, names: ProgramNames) -> Self {
        Self { names, ..self }
    }

    /// The callbacks and suspenders.
    pub(super) fn into_names(self) -> ProgramNames {
        self.names
    }

    /// The same where nothing is printed.
    #[cfg(feature = "property")]
    pub(super) fn quiet(self) -> Self {
        Self { prints: false, ..self }
    }

    /// Adds a device to those that the file names.
    pub(super) fn add_device(&mut self, device: Device) {
        self.beamline.add(device);
    }

    /// A callback besides, whose name is to stand for nothing else.
    pub(super) fn add_callback(&mut self, name: &Spanned<String>, callback: ProgramCallback) -> Result<(), YamlError> {
        self.is_free(name, "a callback")?;
        self.names.callbacks.push(callback);
        Ok(())
    }

    /// A suspender besides, whose name is to stand for nothing else.
    pub(super) fn add_suspender(&mut self, name: &Spanned<String>, suspender: Object) -> Result<(), YamlError> {
        self.is_free(name, "a suspender")?;
        self.names.suspenders.push((name.value.clone(), suspender));
        Ok(())
    }

    /// The steps of the list at a key, with all their names resolved.
    pub(super) fn body(&self, node: &Node, key: &str) -> Result<Body, YamlError> {
        (self.resolve)(node, key, self)
    }

    /// Wants a name to stand for nothing yet.
    pub(super) fn is_free(&self, name: &Spanned<String>, what: &str) -> Result<(), YamlError> {
        let text = name.value.as_str();
        let is_component = || text.contains('.') && self.beamline.get(text).is_some();
        let taken = if self.beamline.contains(text) || is_component() {
            "that of a device"
        } else if self.names.callbacks.iter().any(|callback| *callback.name == *text) {
            "that of a callback"
        } else if self.names.suspenders.iter().any(|(name, _)| name == text) {
            "that of a suspender"
        } else if text.contains('.') {
            // What is behind a dot is a component of a device.
            let found = format!("the string {text:?}");
            return Err(YamlError::new(name.position, format!("a name without dots for {what}"), found));
        } else {
            return Ok(());
        };
        Err(YamlError::new(
            name.position,
            format!("a name for {what} that nothing else has"),
            format!("`{text}`, {taken}"),
        ))
    }

    /// What a string names, or the component behind a dot; nothing where it names nothing.
    fn named(&self, text: &str, node: &Node) -> Result<Option<Named<'_>>, YamlError> {
        let head = text.split('.').next().unwrap_or(text);
        let callback = self.names.callbacks.iter().find(|callback| *callback.name == *head).map(Named::Callback);
        let suspender =
            || self.names.suspenders.iter().find(|(name, _)| name == head).map(|(_, it)| Named::Suspender(it));
        if let Some(named) = callback.or_else(suspender) {
            return match text == head {
                true => Ok(Some(named)),
                false => Err(node.unexpected(format!("`{head}` alone, for it has no components"))),
            };
        }
        if !self.beamline.contains(head) {
            return Ok(None);
        }
        match self.beamline.get(text) {
            Some(device) => Ok(Some(Named::Device(device))),
            None => Err(node.unexpected(format!("a component of the device `{head}`"))),
        }
    }

    /// A device, named by a string.
    pub(super) fn device(&self, node: &Node) -> Result<Device, YamlError> {
        let name = node.expect_str("the name of a device")?;
        match self.named(name, node)? {
            Some(Named::Device(device)) => Ok(device),
            _ => {
                let names: Vec<&str> = self.beamline.names().map(|name| &**name).collect();
                Err(node.unexpected("the name of a device").with_suggestion(nearest(name, names)))
            }
        }
    }

    /// The device of a name that stands where no node is left of it.
    pub(super) fn device_named(&self, name: &Spanned<String>) -> Result<Device, YamlError> {
        self.device(&Node { value: NodeValue::Scalar(Value::from(name.value.as_str())), position: name.position })
    }

    /// Devices, in a list of their names.
    pub(super) fn devices(&self, node: &Node) -> Result<Vec<Device>, YamlError> {
        node.expect_list("a list of devices")?.iter().map(|node| self.device(node)).collect()
    }

    /// A callback, named by a string.
    pub(super) fn callback(&self, node: &Node) -> Result<&ProgramCallback, YamlError> {
        let name = node.expect_str("the name of a callback")?;
        match self.named(name, node)? {
            Some(Named::Callback(callback)) => Ok(callback),
            _ => {
                let names = self.names.callbacks.iter().map(|callback| &*callback.name);
                Err(node.unexpected("the name of a callback").with_suggestion(nearest(name, names)))
            }
        }
    }

    /// The callback that a node names, if it names one.
    pub(super) fn callback_named(&self, node: &Node) -> Option<&ProgramCallback> {
        let name = node.as_str()?;
        self.names.callbacks.iter().find(|callback| *callback.name == *name)
    }

    /// A suspender, named by a string.
    pub(super) fn suspender(&self, node: &Node) -> Result<Object, YamlError> {
        let name = node.expect_str("the name of a suspender")?;
        match self.named(name, node)? {
            Some(Named::Suspender(suspender)) => Ok(suspender.clone()),
            _ => {
                let names = self.names.suspenders.iter().map(|(name, _)| name.as_str());
                Err(node.unexpected("the name of a suspender").with_suggestion(nearest(name, names)))
            }
        }
    }

    /// Those who get documents, in the order in which they subscribe.
    pub(super) fn subscribers(&self, subs: &[SubsSpec]) -> Result<Vec<(DocumentName, Subscriber)>, YamlError> {
        let of_all = subs.iter().flat_map(|subs| subs.callbacks.iter().map(|node| (subs.documents, node)));
        of_all.map(|(documents, node)| Ok((documents, self.callback(node)?.subscriber.clone()))).collect()
    }

    /// An argument: a string that names something is that, `{str: text}` is the text, all else is its value.
    pub(super) fn arg(&self, node: &Node) -> Result<Arg, YamlError> {
        match &node.value {
            NodeValue::Scalar(Value::Str(text)) => Ok(match self.named(text, node)? {
                Some(Named::Device(device)) => Arg::Device(device),
                Some(Named::Callback(callback)) => Arg::Object(callback.object.clone()),
                Some(Named::Suspender(suspender)) => Arg::Object(suspender.clone()),
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
                [(key, fields)] if key.as_str() == Some("TriggerInfo") => trigger_info(fields).map(Arg::from),
                [(key, fields)] if key.as_str() == Some("FlyMotorInfo") => fly_motor_info(fields).map(Arg::from),
                _ => {
                    let mut map = Map::new();
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

    /// A value, in which no string names anything.
    pub(super) fn value(&self, node: &Node) -> Result<Value, YamlError> {
        match self.arg(node)? {
            Arg::Value(value) => Ok(value),
            Arg::Object(_) => {
                let error = node.unexpected("a value, not a callback or a suspender");
                Err(error.with_help("write {str: NAME} for the plain string"))
            }
            _ => Err(node.unexpected("a value, not a device").with_help("write {str: NAME} for the plain string")),
        }
    }
}

/// What a detector is prepared with: `{TriggerInfo: {number_of_events: 4}}`, with all its fields.
fn trigger_info(fields: &Node) -> Result<Value, YamlError> {
    let what = "the fields of a TriggerInfo";
    fields.expect_map(what)?;
    let info = TriggerInfo::of(&fields.to_value()?);
    info.map(Value::from).map_err(|error| fields.unexpected(what).with_help(error.to_string()))
}

/// What a motor is prepared with: `{FlyMotorInfo: {start_position: 0, end_position: 2, time_for_move: 1}}`, with all its fields.
fn fly_motor_info(fields: &Node) -> Result<Value, YamlError> {
    let what = "start_position, end_position and time_for_move of a flight";
    for (key, _) in fields.expect_map(what)? {
        if !matches!(key.as_str(), Some("start_position" | "end_position" | "time_for_move" | "timeout")) {
            return Err(key.unexpected(what));
        }
    }
    let given = fields.to_value()?;
    let flight = FlyMotorInfo::of(&given).map_err(|error| fields.unexpected(what).with_help(error.to_string()))?;
    let timeout = given.as_map().and_then(|given| given.get("timeout")).cloned();
    let mut flight = Value::from(flight).as_map().cloned().unwrap_or_default();
    flight.insert("timeout", timeout.unwrap_or_else(|| Value::literal("CALCULATE_TIMEOUT")));
    Ok(flight.into())
}
