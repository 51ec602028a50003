//! [`StepNames`]: what steps name, so that Rust code has a handle of each.

use std::collections::BTreeSet;

use crate::program::data::{Step, WrapOption};
use crate::program::parameter::{By, Parameter, Takes};
use crate::program::plans::plan_named;
use crate::program::read::step;
use crate::program::wrappers::wrapper;
use crate::value::yaml::{Node, NodeValue, Spanned};

/// What steps name: devices, callbacks and suspenders.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StepNames {
    /// The devices.
    pub(crate) devices: BTreeSet<String>,
    /// The callbacks.
    pub(crate) callbacks: BTreeSet<String>,
    /// The suspenders.
    pub(crate) suspenders: BTreeSet<String>,
}

impl StepNames {
    /// What these steps name.
    pub(crate) fn of(steps: &[Step]) -> Self {
        let mut names = Self::default();
        steps.iter().for_each(|step| names.note_step(step));
        names
    }

    /// All names, in order.
    pub(super) fn all(&self) -> BTreeSet<String> {
        self.devices.iter().chain(&self.callbacks).chain(&self.suspenders).cloned().collect()
    }

    fn note_step(&mut self, step: &Step) {
        match step {
            Step::Message { command, obj, args, kwargs, .. } => {
                let named =
                    |nodes: &[Node]| nodes.iter().filter_map(Node::as_str).map(str::to_owned).collect::<Vec<_>>();
                self.devices.extend(obj.iter().filter_map(Node::as_str).map(str::to_owned));
                match command.value.as_str() {
                    // What else a message has are values, but for the commands that are about several devices.
                    "declare_stream" | "collect" | "locate" => self.devices.extend(named(args)),
                    "subscribe" => self.callbacks.extend(named(args.get(..1).unwrap_or_default())),
                    "unsubscribe" => {
                        self.callbacks.extend(named(args));
                        self.callbacks.extend(kwargs.iter().filter_map(|(_, node)| node.as_str()).map(str::to_owned));
                    }
                    "install_suspender" | "remove_suspender" => self.suspenders.extend(named(args)),
                    _ => {}
                }
            }
            Step::Plan { name, args, kwargs, .. } => {
                if let Some(plan) = plan_named(&name.value) {
                    self.note_arguments(plan.parameters, args, kwargs);
                }
            }
            Step::Until { condition, .. } => self.devices.extend(condition.device.as_str().map(str::to_owned)),
            Step::Wrap { name, options, .. } => {
                let parameters = wrapper(&name.value).map(|wrapper| wrapper.options).unwrap_or_default();
                for (key, option) in options {
                    let takes = parameters.iter().find(|parameter| parameter.name == key.value).map(|it| it.takes);
                    if let (WrapOption::Value(node), Some(takes)) = (option, takes) {
                        self.note_argument(takes, node);
                    }
                }
            }
            _ => {}
        }
        step.bodies().into_iter().flatten().for_each(|step| self.note_step(step));
    }

    fn note_arguments(&mut self, parameters: &[Parameter], args: &[Node], kwargs: &[(Spanned<String>, Node)]) {
        let by_position: Vec<&Parameter> = parameters.iter().filter(|parameter| parameter.has_position()).collect();
        let rest = parameters.iter().find(|parameter| parameter.by == By::Rest);
        for (at, node) in args.iter().enumerate() {
            match (by_position.get(at), rest) {
                (Some(parameter), _) => self.note_argument(parameter.takes, node),
                // A string among them is a device; so are those of a list of devices.
                (None, Some(parameter)) if parameter.takes != Takes::Value => {
                    self.devices.extend(node.as_str().map(str::to_owned));
                }
                _ => {}
            }
        }
        for (key, node) in kwargs {
            if let Some(parameter) = parameters.iter().find(|parameter| parameter.name == key.value) {
                self.note_argument(parameter.takes, node);
            }
        }
    }

    fn note_argument(&mut self, takes: Takes, node: &Node) {
        let name = || node.as_str().map(str::to_owned);
        match takes {
            Takes::Device | Takes::Motor | Takes::Flyer => self.devices.extend(name()),
            Takes::Callback | Takes::CallbackOrToken => self.callbacks.extend(name()),
            Takes::Suspender => self.suspenders.extend(name()),
            Takes::Suspenders => self.suspenders.extend(listed(node)),
            Takes::Subscribers => match &node.value {
                NodeValue::Mapping(entries) => {
                    self.callbacks.extend(entries.iter().flat_map(|(_, callbacks)| listed(callbacks)));
                }
                _ => self.callbacks.extend(listed(node)),
            },
            Takes::Detectors | Takes::Devices | Takes::DevicesOrNull | Takes::Flyers | Takes::Cycler | Takes::Snake => {
                self.devices.extend(listed(node));
            }
            Takes::Steps | Takes::StepsOrNull | Takes::StepOrSteps => {
                steps_of(node).unwrap_or_default().iter().for_each(|step| self.note_step(step));
            }
            Takes::Positions => {
                if let NodeValue::Mapping(entries) = &node.value {
                    self.devices.extend(entries.iter().filter_map(|(key, _)| key.as_str()).map(str::to_owned));
                }
            }
            _ => {}
        }
    }
}

/// The names in a list.
fn listed(node: &Node) -> Vec<String> {
    match &node.value {
        NodeValue::Sequence(nodes) => nodes.iter().filter_map(Node::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The steps that an argument is, alone or in a list.
pub(super) fn steps_of(node: &Node) -> Option<Vec<Step>> {
    match &node.value {
        NodeValue::Sequence(nodes) => nodes.iter().map(|node| step(node).ok()).collect(),
        _ => Some(vec![step(node).ok()?]),
    }
}
