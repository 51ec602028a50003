//! The steps of a plan that is written out, and the preprocessors around them.

use super::read_item::read_subs;
use super::{MutationPart, RaisedClass, Step};
use crate::value::nearest;
use crate::value::yaml::{Fields, listed, not_one_of};
use crate::value::yaml::{Node, Spanned, YamlError};

/// The keys that say what a step is; a step has exactly one.
const KINDS: [&str; 8] = ["command", "plan", "span", "wrap", "repeat", "raise", "show", "catch"];

/// What a preprocessor's option must be.
#[derive(Clone, Copy)]
enum Kind {
    List,
    ListOrNull,
    Map,
    MapOrNull,
    Bool,
    /// Anything but null.
    Key,
    /// Anything.
    Any,
    /// A list of the names of commands.
    Commands,
    /// A map from the names of commands to steps, or to one message; not an option for who reads the tree, but parts of
    /// their own.
    StepsByCommand,
    MessageByCommand,
    /// Callbacks, by the documents that they get.
    Subs,
    /// Steps; not an option for who reads the tree, but a body of its own.
    Steps,
}

/// A preprocessor: its name, the options it must have, and those it may have.
struct Wrapper {
    name: &'static str,
    required: &'static [(&'static str, Kind)],
    optional: &'static [(&'static str, Kind)],
}

/// The preprocessors that plan files know.
const WRAPPERS: [Wrapper; 22] = [
    Wrapper { name: "run", required: &[], optional: &[("md", Kind::MapOrNull)] },
    Wrapper { name: "stage", required: &[("devices", Kind::List)], optional: &[] },
    Wrapper { name: "lazily_stage", required: &[], optional: &[] },
    Wrapper { name: "baseline", required: &[("devices", Kind::List)], optional: &[] },
    Wrapper { name: "monitor_during", required: &[("devices", Kind::List)], optional: &[] },
    Wrapper { name: "fly_during", required: &[("devices", Kind::List)], optional: &[] },
    Wrapper { name: "relative_set", required: &[], optional: &[("devices", Kind::ListOrNull)] },
    Wrapper { name: "reset_positions", required: &[], optional: &[("devices", Kind::ListOrNull)] },
    Wrapper { name: "rewindable", required: &[("rewindable", Kind::Bool)], optional: &[] },
    Wrapper { name: "inject_md", required: &[("md", Kind::Map)], optional: &[] },
    Wrapper { name: "set_run_key", required: &[("run", Kind::Key)], optional: &[] },
    Wrapper { name: "subs", required: &[("subs", Kind::Subs)], optional: &[] },
    Wrapper { name: "suspend", required: &[("suspenders", Kind::List)], optional: &[] },
    Wrapper { name: "configure_count_time", required: &[("time", Kind::Any)], optional: &[] },
    Wrapper { name: "stub", required: &[], optional: &[] },
    Wrapper { name: "print_summary", required: &[], optional: &[] },
    Wrapper { name: "pchain", required: &[], optional: &[] },
    Wrapper {
        name: "supplemental_data",
        required: &[],
        optional: &[("baseline", Kind::List), ("monitors", Kind::List), ("flyers", Kind::List)],
    },
    Wrapper {
        name: "msg_mutator",
        required: &[],
        optional: &[("drop", Kind::Commands), ("replace", Kind::MessageByCommand)],
    },
    Wrapper {
        name: "plan_mutator",
        required: &[],
        optional: &[
            ("before", Kind::StepsByCommand),
            ("instead", Kind::StepsByCommand),
            ("after", Kind::StepsByCommand),
        ],
    },
    Wrapper { name: "finalize", required: &[("final", Kind::Steps)], optional: &[("pause_for_debug", Kind::Bool)] },
    Wrapper {
        name: "contingency",
        required: &[],
        optional: &[
            ("except", Kind::Steps),
            ("else", Kind::Steps),
            ("final", Kind::Steps),
            ("pause_for_debug", Kind::Bool),
            ("auto_raise", Kind::Bool),
        ],
    },
];

/// The steps of the list at `key`.
pub(in crate::program) fn steps(node: &Node, key: &str) -> Result<Vec<Step>, YamlError> {
    node.expect_list(&format!("a list of steps as `{key}`"))?.iter().map(step).collect()
}

/// One step.
pub(in crate::program) fn step(node: &Node) -> Result<Step, YamlError> {
    let fields = Fields::any(node, "a step")?;
    match kind(&fields)? {
        "command" => message(node),
        "plan" => plan(node),
        "span" => {
            let fields = Fields::of(node, "a span step", &["span", "body"])?;
            let name = fields.need_str("span", "the name of a span")?;
            Ok(Step::Span { name, body: body(&fields)?, position: node.position })
        }
        "wrap" => wrap(node),
        "repeat" => {
            let fields = Fields::of(node, "a repeat step", &["repeat", "body"])?;
            let times = fields.need("repeat")?.expect_count("how many times to repeat, a whole number from 0 on")?;
            Ok(Step::Repeat { times, body: body(&fields)?, position: node.position })
        }
        "raise" => raise(node),
        "show" => {
            let fields = Fields::of(node, "a show step", &["show"])?;
            Ok(Step::Show { step: Box::new(step(fields.need("show")?)?), position: node.position })
        }
        _ => {
            let fields = Fields::of(node, "a catch step", &["catch"])?;
            Ok(Step::Catch { body: steps(fields.need("catch")?, "catch")?, position: node.position })
        }
    }
}

fn raise(node: &Node) -> Result<Step, YamlError> {
    let fields = Fields::of(node, "a raise step", &["raise", "class"])?;
    let text = fields.need_str("raise", "the text of an error")?.value;
    let class = match fields.get("class") {
        None => RaisedClass::default(),
        Some(class) => match class.as_str() {
            Some("RequestStop") => RaisedClass::RequestStop,
            Some("RequestAbort") => RaisedClass::RequestAbort,
            _ => return Err(not_one_of(class, "the class of an error", &["RequestStop", "RequestAbort"])),
        },
    };
    Ok(Step::Raise { text, class, position: node.position })
}

/// The one key that says what a step is.
fn kind<'n>(fields: &Fields<'n>) -> Result<&'n str, YamlError> {
    let expected = || format!("exactly one of the keys {} in a step", listed(&KINDS));
    let mut kinds = fields.keys().filter(|(_, key)| KINDS.contains(key));
    match (kinds.next(), kinds.next()) {
        (Some((_, kind)), None) => Ok(kind),
        (Some((_, first)), Some((position, second))) => {
            Err(YamlError::new(position, expected(), format!("`{second}` after `{first}`")))
        }
        (None, _) => {
            let Some((position, key)) = fields.keys().next() else {
                return Err(YamlError::new(fields.position, expected(), "none"));
            };
            // Of the keys there are, one that is nearly right is what went wrong.
            let slip = fields.keys().find_map(|(at, key)| Some((at, key, nearest(key, KINDS)?)));
            let (position, key, meant) = slip.map_or((position, key, None), |(at, key, near)| (at, key, Some(near)));
            Err(YamlError::new(position, expected(), format!("`{}`", key.escape_debug())).with_suggestion(meant))
        }
    }
}

fn message(node: &Node) -> Result<Step, YamlError> {
    let fields = Fields::of(node, "a message", &["command", "obj", "args", "kwargs", "run"])?;
    let unless_null = |key| fields.get(key).filter(|node| !node.is_null()).cloned();
    Ok(Step::Message {
        command: fields.need_str("command", "the name of a command")?,
        obj: unless_null("obj"),
        args: fields.list("args")?.to_vec(),
        kwargs: fields.named("kwargs")?,
        run: unless_null("run"),
        position: node.position,
    })
}

fn plan(node: &Node) -> Result<Step, YamlError> {
    let outer = Fields::of(node, "a plan step", &["plan"])?;
    let fields = Fields::of(outer.need("plan")?, "`plan`", &["name", "args", "kwargs"])?;
    Ok(Step::Plan {
        name: fields.need_str("name", "the name of a plan")?,
        args: fields.list("args")?.to_vec(),
        kwargs: fields.named("kwargs")?,
        position: node.position,
    })
}

fn body(fields: &Fields<'_>) -> Result<Vec<Step>, YamlError> {
    steps(fields.need("body")?, "body")
}

fn wrap(node: &Node) -> Result<Step, YamlError> {
    let fields = Fields::any(node, "a wrap step")?;
    let name = fields.need("wrap")?;
    let Some(wrapper) = WRAPPERS.iter().find(|wrapper| name.as_str() == Some(wrapper.name)) else {
        return Err(not_one_of(name, "a wrapper", &WRAPPERS.map(|wrapper| wrapper.name)));
    };
    let options = || wrapper.required.iter().chain(wrapper.optional);
    let allowed: Vec<&str> = ["wrap"].into_iter().chain(options().map(|(key, _)| *key)).chain(["body"]).collect();
    let what = format!("a `{}` wrap", wrapper.name);
    let fields = Fields::of(node, &what, &allowed)?;
    for (key, _) in wrapper.required {
        fields.need(key)?;
    }
    let mut bodies = vec!["wrap", "body"];
    for (key, kind) in options() {
        if let Some(node) = fields.get(key) {
            check_option(node, key, *kind)?;
        }
        if matches!(kind, Kind::Steps | Kind::StepsByCommand | Kind::MessageByCommand) {
            bodies.push(key);
        }
    }
    let mut parts = Vec::new();
    for (key, kind) in options() {
        let Some(node) = fields.get(key) else { continue };
        if matches!(kind, Kind::StepsByCommand | Kind::MessageByCommand) {
            parts.extend(mutation_parts(node, key, *kind)?);
        }
    }
    let sub_body = |key| fields.get(key).map(|node| steps(node, key)).transpose();
    Ok(Step::Wrap {
        name: Spanned { value: wrapper.name.to_owned(), position: name.position },
        options: fields.all_but(&bodies),
        except_body: sub_body("except")?,
        else_body: sub_body("else")?,
        final_body: sub_body("final")?,
        parts,
        body: body(&fields)?,
        position: node.position,
    })
}

/// What a mutator does at each of the commands that an option names.
fn mutation_parts(node: &Node, key: &'static str, kind: Kind) -> Result<Vec<MutationPart>, YamlError> {
    let by_command = node.expect_map(&format!("a map from commands as `{key}`"))?;
    let parts = by_command.iter().map(|(command, node)| {
        let value = command.expect_str("the name of a command as the key")?.to_owned();
        let steps = match kind {
            Kind::MessageByCommand => vec![message(node)?],
            _ => steps(node, &value)?,
        };
        Ok(MutationPart { option: key, command: Spanned { value, position: command.position }, steps })
    });
    parts.collect()
}

fn check_option(node: &Node, key: &str, kind: Kind) -> Result<(), YamlError> {
    match kind {
        Kind::ListOrNull | Kind::MapOrNull if node.is_null() => Ok(()),
        Kind::List | Kind::ListOrNull => node.expect_list(&format!("a list as `{key}`")).map(drop),
        Kind::Map | Kind::MapOrNull => node.to_map(&format!("a map as `{key}`")).map(drop),
        Kind::Bool => node.expect_bool(&format!("true or false as `{key}`")).map(drop),
        Kind::Key if node.is_null() => Err(node.unexpected("the key of a run as `run`")),
        Kind::Subs => read_subs(node).map(drop),
        Kind::Commands => {
            let commands = node.expect_list(&format!("a list of commands as `{key}`"))?;
            commands.iter().try_for_each(|node| node.expect_str("the name of a command").map(drop))
        }
        // Steps are checked where they are read.
        Kind::Key | Kind::Any | Kind::Steps | Kind::StepsByCommand | Kind::MessageByCommand => Ok(()),
    }
}
