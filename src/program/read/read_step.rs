//! The steps of a plan that is written out, and the preprocessors around them.

use crate::program::data::{Comparison, Condition, RaisedClass, Step, WrapOption};
use crate::program::parameter::{Parameter, Takes};
use crate::program::subscribers::read_subs;
use crate::program::wrappers::{WRAPPERS, wrapper};
use crate::value::nearest;
use crate::value::yaml::{Fields, listed, not_one_of};
use crate::value::yaml::{Node, Spanned, YamlError};

/// The keys that say what a step is; a step has exactly one.
pub(in crate::program) const KINDS: [&str; 9] =
    ["command", "plan", "span", "wrap", "repeat", "until", "raise", "show", "catch"];

/// The steps of the list at `key`.
pub(in crate::program) fn steps(node: &Node, key: &str) -> Result<Vec<Step>, YamlError> {
    node.expect_list(&format!("a list of steps as `{key}`"))?.iter().map(step).collect()
}

/// Reads one step of a plan.
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
        "until" => until(node),
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

fn until(node: &Node) -> Result<Step, YamlError> {
    let fields = Fields::of(node, "an until step", &["until", "body"])?;
    let until = fields.need("until")?;
    let of = Fields::of(until, "`until`", &["device", "comparison", "value", "at_most"])?;
    let device = of.need("device")?;
    device.expect_str("the name of a device")?;
    let compared = of.need("comparison")?;
    let comparison = Comparison::ALL.into_iter().find(|comparison| compared.as_str() == Some(comparison.as_str()));
    let comparison = comparison
        .ok_or_else(|| not_one_of(compared, "a comparison, in quotes", &Comparison::ALL.map(Comparison::as_str)))?;
    let what = "how many rounds there are at most, a whole number from 1 on, as `at_most`";
    let at_most = of.need("at_most")?;
    let condition = Condition {
        device: device.clone(),
        comparison,
        value: of.need("value")?.expect_number("a number as `value`")?,
        at_most: Some(at_most.expect_count(what)?)
            .filter(|rounds| *rounds > 0)
            .ok_or_else(|| at_most.unexpected(what))?,
    };
    Ok(Step::Until { condition, body: body(&fields)?, position: node.position })
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
    let Some(wrapper) = name.as_str().and_then(wrapper) else {
        let known: Vec<&str> = WRAPPERS.iter().map(|wrapper| wrapper.name).collect();
        return Err(not_one_of(name, "a wrapper", &known));
    };
    let mandatory = wrapper.options.iter().filter(|option| option.is_required());
    let others = wrapper.options.iter().filter(|option| !option.is_required());
    let names = mandatory.clone().chain(others).map(|option| option.name);
    let allowed: Vec<&str> = ["wrap"].into_iter().chain(names).chain(["body"]).collect();
    let what = format!("a `{}` wrap", wrapper.name);
    let fields = Fields::of(node, &what, &allowed)?;
    for option in mandatory {
        fields.need(option.name)?;
    }
    let mut options = Vec::new();
    for (key, node) in fields.all_but(&["wrap", "body"]) {
        let Some(option) = wrapper.options.iter().find(|option| option.name == key.value) else { continue };
        options.push((key, wrap_option(&node, option)?));
    }
    Ok(Step::Wrap {
        name: Spanned { value: wrapper.name.to_owned(), position: name.position },
        options,
        body: body(&fields)?,
        position: node.position,
    })
}

fn wrap_option(node: &Node, option: &Parameter) -> Result<WrapOption, YamlError> {
    let key = option.name;
    match option.takes {
        Takes::Steps => return Ok(WrapOption::Steps(steps(node, key)?)),
        Takes::StepsByCommand => return by_command(node, key, steps),
        Takes::MessageByCommand => return by_command(node, key, |node, _| Ok(vec![message(node)?])),
        _ => check_option(node, option)?,
    }
    Ok(WrapOption::Value(node.clone()))
}

/// What a mutator does at each of the commands that an option names.
fn by_command(
    node: &Node,
    key: &str,
    read: fn(&Node, &str) -> Result<Vec<Step>, YamlError>,
) -> Result<WrapOption, YamlError> {
    let entries = node.expect_map(&format!("a map from commands as `{key}`"))?;
    let entries = entries.iter().map(|(command, node)| {
        let value = command.expect_str("the name of a command as the key")?.to_owned();
        let steps = read(node, &value)?;
        Ok((Spanned { value, position: command.position }, steps))
    });
    Ok(WrapOption::ByCommand(entries.collect::<Result<_, YamlError>>()?))
}

fn check_option(node: &Node, option: &Parameter) -> Result<(), YamlError> {
    let key = option.name;
    match option.takes {
        Takes::DevicesOrNull | Takes::MapOrNull if node.is_null() => Ok(()),
        Takes::Devices | Takes::DevicesOrNull | Takes::Flyers | Takes::Suspenders => {
            node.expect_list(&format!("a list as `{key}`")).map(drop)
        }
        Takes::Map | Takes::MapOrNull => node.to_map(&format!("a map as `{key}`")).map(drop),
        Takes::Bool => node.expect_bool(&format!("true or false as `{key}`")).map(drop),
        Takes::RunKey if node.is_null() => Err(node.unexpected("the key of a run as `run`")),
        Takes::Subscribers => read_subs(node).map(drop),
        Takes::Commands => {
            let commands = node.expect_list(&format!("a list of commands as `{key}`"))?;
            commands.iter().try_for_each(|node| node.expect_str("the name of a command").map(drop))
        }
        // Anything may stand there, or it is looked at where its names are resolved.
        _ => Ok(()),
    }
}
