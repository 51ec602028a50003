//! [`RustCall`]: arguments of a step as words of Rust code.

use std::cell::{Cell, RefCell};

use super::parameter::Parameter;
use crate::document::DocumentName;
use crate::value::Value;
use crate::value::yaml::{Node, NodeValue, Spanned};

/// A call whose arguments are wanted as Rust code. It notes which were asked for: who prints a call asks for all that was given, or
/// the code would be another call.
pub(crate) struct RustCall<'a> {
    parameters: &'static [Parameter],
    args: &'a [Node],
    kwargs: &'a [(Spanned<String>, Node)],
    /// Steps by the names of their options, as Rust code of a plan.
    plans: &'a [(String, String)],
    asked: RefCell<Vec<&'a Node>>,
    /// How many steps the body of a preprocessor has, and whether somebody asked for a plan of each.
    steps: usize,
    by_step: Cell<bool>,
}

impl<'a> RustCall<'a> {
    pub(super) const fn new(
        parameters: &'static [Parameter],
        args: &'a [Node],
        kwargs: &'a [(Spanned<String>, Node)],
        plans: &'a [(String, String)],
    ) -> Self {
        let asked = RefCell::new(Vec::new());
        Self { parameters, args, kwargs, plans, asked, steps: 0, by_step: Cell::new(false) }
    }

    /// The same around a body of so many steps.
    pub(super) fn around(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Whether a plan of each step was asked for, in place of one of all.
    pub(super) const fn asks_by_step(&self) -> bool {
        self.by_step.get()
    }

    /// The plans that the steps of the body are, each by itself.
    pub(super) fn links(&self) -> Vec<String> {
        self.by_step.set(true);
        (1..=self.steps).map(|at| format!("link_{at}")).collect()
    }

    /// Whether every argument was asked for.
    pub(super) fn all_asked(&self) -> bool {
        let asked = self.asked.borrow();
        let was_asked = |node: &Node| asked.iter().any(|other| std::ptr::eq(*other, node));
        self.args.iter().chain(self.kwargs.iter().map(|(_, node)| node)).all(was_asked)
    }

    fn note(&self, node: &'a Node) -> &'a Node {
        self.asked.borrow_mut().push(node);
        node
    }

    /// The argument of a parameter, if it was given.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        let mut by_position = self.parameters.iter().filter(|parameter| parameter.has_position());
        let at = by_position.position(|parameter| parameter.name == name);
        let by_position = at.and_then(|at| self.args.get(at));
        let node = by_position.or_else(|| self.kwargs.iter().find(|(key, _)| key.value == name).map(|(_, node)| node));
        node.map(|node| self.note(node))
    }

    /// The arguments that are left.
    pub(super) fn rest(&self) -> &'a [Node] {
        let named = self.parameters.iter().filter(|parameter| parameter.has_position()).count();
        let rest = self.args.get(named..).unwrap_or_default();
        self.asked.borrow_mut().extend(rest);
        rest
    }

    /// A device by reference: `&motor`.
    pub(super) fn device(&self, name: &str) -> Option<String> {
        self.get(name).and_then(device)
    }

    /// Devices by reference: `&det`, or `[&det, &det1]`.
    pub(super) fn devices(&self, name: &str) -> Option<String> {
        devices(sequence(self.get(name)?)?)
    }

    /// Devices as handles of their own: `[det.clone()]`.
    pub(super) fn handles(&self, name: &str) -> Option<String> {
        handles(sequence(self.get(name)?)?)
    }

    /// The same in an option: `Some(vec![motor.clone()])`, or `None`.
    pub(super) fn some_handles(&self, name: &str) -> Option<String> {
        match self.get(name) {
            None => Some("None".to_owned()),
            Some(node) if node.is_null() => Some("None".to_owned()),
            Some(node) => Some(format!("Some(vec!{})", handles(sequence(node)?)?)),
        }
    }

    /// A value as Rust code.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        value(self.get(name)?)
    }

    /// A value, or what it is where it is left out.
    pub(super) fn value_or(&self, name: &str, otherwise: &str) -> Option<String> {
        self.get(name).map_or_else(|| Some(otherwise.to_owned()), value)
    }

    /// A call of a method for a parameter that may be left out: `.num(3)`, or nothing.
    pub(super) fn method(&self, name: &str, method: &str) -> Option<String> {
        match self.get(name) {
            None => Some(String::new()),
            Some(node) => Some(format!(".{method}({})", value(node)?)),
        }
    }

    /// A map in place of metadata: `Map::new()` where it is left out.
    pub(super) fn map(&self, name: &str) -> Option<String> {
        self.get(name).filter(|node| !node.is_null()).map_or_else(|| Some("Map::new()".to_owned()), value)
    }

    /// What makes the plan of the steps that an argument is, each time it is called.
    pub(super) fn makes_plan(&self, name: &str) -> Option<&'a str> {
        self.get(name)?;
        self.plan(name)
    }

    /// The plan that steps are.
    pub(super) fn plan(&self, name: &str) -> Option<&'a str> {
        self.plans.iter().find(|(key, _)| key == name).map(|(_, code)| code.as_str())
    }

    /// The plans of the steps of an option by command, with the commands.
    pub(super) fn plans_by_command(&self, name: &str) -> Vec<(&'a str, &'a str)> {
        let of_option = self.plans.iter().filter_map(|(key, code)| {
            let (option, command) = key.split_once(' ')?;
            (option == name).then_some((command, code.as_str()))
        });
        of_option.collect()
    }
}

fn sequence(node: &Node) -> Option<&[Node]> {
    match &node.value {
        NodeValue::Sequence(nodes) => Some(nodes),
        _ => None,
    }
}

/// A device by reference.
pub(super) fn device(node: &Node) -> Option<String> {
    Some(format!("&{}", variable(node.as_str()?)))
}

/// Devices by reference, alone where there is one.
pub(super) fn devices(nodes: &[Node]) -> Option<String> {
    match nodes {
        [] => Some("Vec::<Device>::new()".to_owned()),
        [one] => device(one),
        all => Some(format!("[{}]", all.iter().map(device).collect::<Option<Vec<_>>>()?.join(", "))),
    }
}

fn handles(nodes: &[Node]) -> Option<String> {
    let handle = |node: &Node| Some(format!("{}.clone()", variable(node.as_str()?)));
    Some(format!("[{}]", nodes.iter().map(handle).collect::<Option<Vec<_>>>()?.join(", ")))
}

/// A value of which Rust makes one.
pub(super) fn value(node: &Node) -> Option<String> {
    if let NodeValue::Mapping(entries) = &node.value
        && let [(key, text)] = &**entries
        && key.as_str() == Some("str")
    {
        return value(text);
    }
    node.to_value().ok().map(|value| rust_value(&value))
}

/// The documents of a name: `DocumentName::Event`.
pub(super) fn documents(node: &Node) -> Option<String> {
    let name = DocumentName::of_name(node.as_str()?)?;
    Some(format!("DocumentName::{name:?}"))
}

/// A callback subscribes to documents.
pub(super) fn subscribed(callback: &Node, of: &Node) -> Option<String> {
    Some(format!("{}.subscribe(&p, {})", variable(callback.as_str()?), documents(of)?))
}

/// The last subscription of a callback ends.
pub(super) fn unsubscribed(callback: &Node) -> Option<String> {
    Some(format!("{}.unsubscribe(&p)", variable(callback.as_str()?)))
}

/// A suspender is installed or removed.
pub(super) fn suspender(stub: &str, suspender: &Node) -> Option<String> {
    Some(format!("p.{stub}({}.clone())", variable(suspender.as_str()?)))
}

/// Callbacks by the documents that they get: `[(DocumentName::All, &disk)]`.
pub(super) fn subs(node: &Node) -> Option<String> {
    let of = |documents: String, callbacks: &Node| {
        let callback = |node: &Node| Some(format!("({documents}, &{})", variable(node.as_str()?)));
        sequence(callbacks)?.iter().map(callback).collect::<Option<Vec<_>>>()
    };
    let all = match &node.value {
        NodeValue::Mapping(entries) => {
            let each = entries.iter().map(|(key, callbacks)| of(documents(key)?, callbacks));
            each.collect::<Option<Vec<_>>>()?.concat()
        }
        _ => of("DocumentName::All".to_owned(), node)?,
    };
    Some(format!("[{}]", all.join(", ")))
}

/// The name of a device as that of a variable.
pub(crate) fn variable(device: &str) -> String {
    let name: String = device.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        _ => name.to_lowercase(),
    }
}

/// A value as Rust code that is taken for one.
pub(super) fn rust_value(value: &Value) -> String {
    match value {
        Value::Null => "Value::Null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if number.is_nan() => "f64::NAN".to_owned(),
        Value::Float(number) if number.is_infinite() && *number > 0.0 => "f64::INFINITY".to_owned(),
        Value::Float(number) if number.is_infinite() => "f64::NEG_INFINITY".to_owned(),
        Value::Float(number) => format!("{number:?}"),
        Value::Str(text) => format!("{:?}", &**text),
        Value::Array(values) if values.is_empty() => "Value::from(Vec::<Value>::new())".to_owned(),
        Value::Array(values) => {
            let values: Vec<String> =
                values.iter().map(|value| format!("Value::from({})", rust_value(value))).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Map(map) if map.is_empty() => "Map::new()".to_owned(),
        Value::Map(map) => {
            let same_kind = map.iter().all(|(_, value)| matches!(value, Value::Str(_)));
            let entry = |(key, value): (&crate::value::Text, &Value)| match same_kind {
                true => format!("({:?}, {})", &**key, rust_value(value)),
                false => format!("({:?}, Value::from({}))", &**key, rust_value(value)),
            };
            format!("Map::from_iter([{}])", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        other => format!("skyspan::value::from_json({:?}).unwrap()", crate::value::to_json(other)),
    }
}
