//! Steps as Rust code, as a person would write a plan.

use std::fmt::Write as _;

use super::rust_message::{any_message, message};
use super::step_names::{StepNames, steps_of};
use crate::program::data::{Condition, RaisedClass, Step, WrapOption};
use crate::program::parameter::{Parameter, Takes};
use crate::program::plans::plan_named;
use crate::program::rust_words::{RustCall, rust_value, variable};
use crate::program::wrappers::wrapper;
use crate::value::Value;
use crate::value::yaml::{Node, Spanned};

impl Step {
    /// Steps as Rust code: statements in the async block of a plan whose stubs are `p`, where each device has a handle of its name.
    ///
    /// ```
    /// use skyspan::program::Step;
    ///
    /// let steps = [Step::plan("mv").arg("motor").arg(3), Step::repeat(2, [Step::plan("one_shot").arg(["det"])])];
    /// assert_eq!(
    ///     Step::to_rust(&steps),
    ///     "p.mv(&motor, 3).await?;\nfor _ in 0..2 {\n    p.one_shot(&[det.clone()]).await?;\n}\n",
    /// );
    /// ```
    #[must_use]
    pub fn to_rust(steps: &[Self]) -> String {
        let mut code = String::new();
        rust_body(&mut code, steps, 0);
        code
    }
}

fn push(code: &mut String, depth: usize, line: &str) {
    let _ = writeln!(code, "{}{line}", "    ".repeat(depth));
}

/// Steps as statements within an async block of a plan whose stubs are `p`, where devices have handles of their names.
pub(crate) fn rust_body(code: &mut String, steps: &[Step], depth: usize) {
    steps.iter().for_each(|step| rust_step(code, step, depth));
}

fn rust_step(code: &mut String, step: &Step, depth: usize) {
    match step {
        Step::Message { .. } => push(code, depth, &message(step)),
        Step::Plan { name, args, kwargs, .. } => named_plan(code, &name.value, args, kwargs, depth),
        Step::Raise { text, class, .. } => push(code, depth, &raised(text, *class)),
        Step::Repeat { times, body, .. } => {
            push(code, depth, &format!("for _ in 0..{times} {{"));
            rust_body(code, body, depth + 1);
            push(code, depth, "}");
        }
        Step::Until { condition, body, .. } => until(code, condition, body, depth),
        Step::Span { name, body, .. } => {
            push(code, depth, &format!("p.trace({:?}, async |p| {{", name.value));
            rust_body(code, body, depth + 1);
            push(code, depth + 1, "Ok(())");
            push(code, depth, "}).await?;");
        }
        // What a step gives, and which error is caught, is for who reads a recording.
        Step::Show { step, .. } => rust_step(code, step, depth),
        Step::Catch { body, .. } => {
            let wrap = Step::wrap("contingency", body.iter().cloned()).with("auto_raise", false);
            rust_step(code, &wrap.with_steps("except", []), depth);
        }
        Step::Wrap { name, options, body, .. } => wrapped(code, &name.value, options, body, depth),
    }
}

fn raised(text: &str, class: RaisedClass) -> String {
    match class {
        RaisedClass::RuntimeError => format!("return Err(plan_error!({text:?}));"),
        RaisedClass::RequestStop => "return Err(PlanError::RequestStop);".to_owned(),
        RaisedClass::RequestAbort => "return Err(PlanError::RequestAbort);".to_owned(),
    }
}

fn until(code: &mut String, condition: &Condition, body: &[Step], depth: usize) {
    let Condition { device, comparison, value, at_most } = condition;
    let device = device.as_str().map(variable).unwrap_or_default();
    push(code, depth, "let mut rounds = 0;");
    push(code, depth, "loop {");
    push(code, depth + 1, &format!("if rounds == {at_most} {{"));
    push(code, depth + 2, &format!("return Err(plan_error!(\"not after {at_most} rounds\"));"));
    push(code, depth + 1, "}");
    push(code, depth + 1, "rounds += 1;");
    rust_body(code, body, depth + 1);
    let value = rust_value(&Value::Float(*value));
    let holds = format!("is_some_and(|value| value {} {value})", comparison.as_str());
    push(code, depth + 1, &format!("if p.rd(&{device}).await?.as_f64().{holds} {{"));
    push(code, depth + 2, "break;");
    push(code, depth + 1, "}");
    push(code, depth, "}");
}

/// A plan by its name, where there is Rust code of it with all these arguments, else what a plan file has.
fn named_plan(code: &mut String, name: &str, args: &[Node], kwargs: &[(Spanned<String>, Node)], depth: usize) {
    if plan_code(code, name, args, kwargs, depth).is_none() {
        push(code, depth, &format!("// and the plan `{name}`, as a plan file calls it"));
    }
}

/// A plan by its name as a statement, behind what makes the plans of its steps.
fn plan_code(
    code: &mut String,
    name: &str,
    args: &[Node],
    kwargs: &[(Spanned<String>, Node)],
    depth: usize,
) -> Option<()> {
    let plan = plan_named(name)?;
    let (mut made, mut plans) = (String::new(), Vec::new());
    for (parameter, node) in arguments_with_steps(plan.parameters, args, kwargs) {
        let variable = match parameter.takes {
            Takes::StepOrSteps => begun(&steps_of(node)?)?,
            _ => {
                push_plan(&mut made, "inner", &steps_of(node)?, depth, true);
                "inner".to_owned()
            }
        };
        plans.push((parameter.name.to_owned(), variable));
    }
    let call = RustCall::new(plan.parameters, args, kwargs, &plans);
    let line = (plan.rust)(&call).filter(|_| call.all_asked())?;
    code.push_str(&made);
    let line = if line.starts_with("plans::") { format!("p.run({line})") } else { line };
    push(code, depth, &format!("{line}.await?;"));
    Some(())
}

/// The arguments that are steps.
fn arguments_with_steps<'a>(
    parameters: &'static [Parameter],
    args: &'a [Node],
    kwargs: &'a [(Spanned<String>, Node)],
) -> Vec<(&'static Parameter, &'a Node)> {
    let call = RustCall::new(parameters, args, kwargs, &[]);
    let takes_steps = |it: &&Parameter| matches!(it.takes, Takes::Steps | Takes::StepsOrNull | Takes::StepOrSteps);
    let with_node = |it: &'static Parameter| Some((it, call.get(it.name).filter(|node| !node.is_null())?));
    parameters.iter().filter(takes_steps).filter_map(with_node).collect()
}

/// What one step begins, as a closure that gives its status: `async move |p| p.abs_set(&motor, 3).await`.
fn begun(steps: &[Step]) -> Option<String> {
    let mut line = String::new();
    rust_body(&mut line, steps, 0);
    let line = line.trim().strip_suffix("?;").filter(|line| !line.contains('\n'))?;
    let names = StepNames::of(steps).all();
    let clones: String =
        names.iter().map(|name| variable(name)).map(|name| format!("let {name} = {name}.clone(); ")).collect();
    Some(format!("{{ {clones}async move |p| {line} }}"))
}

/// A preprocessor around a plan of its own, which has its own handles of the devices.
fn wrapped(code: &mut String, name: &str, options: &[(Spanned<String>, WrapOption)], body: &[Step], depth: usize) {
    let (mut made, mut values, mut plans) = (String::new(), Vec::new(), Vec::new());
    for (key, option) in options {
        let key_text = key.value.as_str();
        match option {
            WrapOption::Value(node) => values.push((key.clone(), node.clone())),
            WrapOption::Steps(steps) if key_text == "except" => {
                // It is made anew each time.
                let plan = if steps.is_empty() { "plan(async |_| Ok(()))" } else { "on_error()" };
                if !steps.is_empty() {
                    push_plan(&mut made, "on_error", steps, depth, true);
                }
                plans.push((key_text.to_owned(), plan.to_owned()));
            }
            WrapOption::Steps(steps) => {
                let variable = if key_text == "final" { "end" } else { "otherwise" };
                push_plan(&mut made, variable, steps, depth, false);
                plans.push((key_text.to_owned(), variable.to_owned()));
            }
            WrapOption::ByCommand(entries) => {
                let takes = wrapper(name).and_then(|it| it.options.iter().find(|option| option.name == key_text));
                let is_message = takes.is_some_and(|option| option.takes == Takes::MessageByCommand);
                for (command, steps) in entries {
                    let variable = variable(&format!("{key_text}_{}", command.value));
                    match steps.as_slice() {
                        [step @ Step::Message { .. }] if is_message => push_message(&mut made, &variable, step, depth),
                        _ => push_plan(&mut made, &variable, steps, depth, true),
                    }
                    plans.push((format!("{key_text} {}", command.value), variable));
                }
            }
        }
    }
    let mut by_step = false;
    let call = wrapper(name).and_then(|wrapper| {
        let call = RustCall::new(wrapper.options, &[], &values, &plans).around(body.len());
        let code = (wrapper.rust)(&call).filter(|_| call.all_asked());
        by_step = call.asks_by_step();
        code
    });
    match &call {
        Some(_) if by_step => {
            for (at, step) in body.iter().enumerate() {
                push_plan(code, &format!("link_{}", at + 1), std::slice::from_ref(step), depth, false);
            }
        }
        _ => push_plan(code, "inner", body, depth, false),
    }
    let line = match call {
        Some(call) => {
            code.push_str(&made);
            format!("p.run(preprocessors::{call}).await?;")
        }
        None => format!("p.run(inner).await?; // in the preprocessor `{name}`, as a plan file has it"),
    };
    push(code, depth, &line);
}

/// What makes a message again and again, in a variable.
fn push_message(code: &mut String, name: &str, step: &Step, depth: usize) {
    let names = StepNames::of(std::slice::from_ref(step)).all();
    let clones: String =
        names.iter().map(|name| variable(name)).map(|name| format!("let {name} = {name}.clone(); ")).collect();
    let make = format!("move || Msg::from({})", any_message(step));
    let made = if clones.is_empty() { make } else { format!("{{ {clones}{make} }}") };
    push(code, depth, &format!("let {name} = {made};"));
}

/// A plan of its own in a variable, or what makes one again and again.
fn push_plan(code: &mut String, name: &str, steps: &[Step], depth: usize, again: bool) {
    let names: Vec<String> = StepNames::of(steps).all().iter().map(|name| variable(name)).collect();
    let clones = |code: &mut String, depth| {
        names.iter().for_each(|name| push(code, depth, &format!("let {name} = {name}.clone();")));
    };
    let (open, close) = if again { ("move || plan(async move |p| {", "});") } else { ("plan(async move |p| {", "});") };
    if names.is_empty() {
        push(code, depth, &format!("let {name} = {open}"));
        rust_body(code, steps, depth + 1);
        push(code, depth + 1, "Ok(())");
        push(code, depth, close);
        return;
    }
    push(code, depth, &format!("let {name} = {{"));
    clones(code, depth + 1);
    let inside = if again {
        push(code, depth + 1, "move || {");
        clones(code, depth + 2);
        depth + 2
    } else {
        depth + 1
    };
    push(code, inside, "plan(async move |p| {");
    rust_body(code, steps, inside + 1);
    push(code, inside + 1, "Ok(())");
    push(code, inside, "})");
    if again {
        push(code, depth + 1, "}");
    }
    push(code, depth, "};");
}
