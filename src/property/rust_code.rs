//! A generated plan as Rust code, as a person would write it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::interruption::{Interruption, decision_to_rust};
use super::scenario::Scenario;
use super::step::{NamedPlan, Step, Wrapper};
use super::subject::Subject;
use super::{Kit, Line};
use crate::value::{Text, Value};

/// The lab, the circumstances and the plan of a subject, where it is known, else its arguments.
pub(super) fn rust_of(subject: &dyn Subject, scenario: &Scenario) -> String {
    match (subject.steps(), subject.kit()) {
        (Some(steps), Some(kit)) => rust_code(&steps, kit, scenario),
        _ => with_arguments(scenario, "The plan, of these arguments", &subject.shown()),
    }
}

/// The lab, the circumstances and the plan.
fn rust_code(steps: &[Step], kit: &Kit, scenario: &Scenario) -> String {
    let used = devices_of(steps);
    let mut code = lab(scenario);
    for device in kit.added().iter().chain(&scenario.devices) {
        let is_used =
            used.contains(device.name()) || scenario.faults.iter().any(|fault| fault.device == *device.name());
        if is_used && !replaced(device.name(), kit, scenario, device) {
            let _ = writeln!(code, "lab.add({});", device.to_rust());
        }
    }
    code += &circumstances(scenario);
    for device in &used {
        let _ = writeln!(code, "let {} = lab.device({device:?});", variable(device));
    }
    code += "let run = lab.run(plan(async move |p| {\n";
    body(&mut code, steps, 1);
    code += "    Ok(())\n}).named(\"messages\"));\n";
    code
}

/// Whether a device of the kit is another one in the scenario.
fn replaced(name: &Text, kit: &Kit, scenario: &Scenario, device: &super::DeviceSpec) -> bool {
    kit.added().contains(device) && scenario.devices.iter().any(|other| other.name() == name)
}

/// The lab and the circumstances, and what else is known.
pub(super) fn with_arguments(scenario: &Scenario, what: &str, arguments: &str) -> String {
    let comment: String = arguments.lines().map(|line| format!("// {line}\n")).collect();
    format!("{}// {what}:\n{comment}", scenario_code(scenario))
}

fn scenario_code(scenario: &Scenario) -> String {
    let mut code = lab(scenario);
    for device in &scenario.devices {
        let _ = writeln!(code, "lab.add({});", device.to_rust());
    }
    code + &circumstances(scenario)
}

fn lab(scenario: &Scenario) -> String {
    match scenario.seed {
        0 => "let lab = Harness::new();\n".to_owned(),
        seed => format!("let lab = Harness::seeded({seed});\n"),
    }
}

fn circumstances(scenario: &Scenario) -> String {
    let mut code = String::new();
    for fault in &scenario.faults {
        let _ = writeln!(code, "{}", fault.to_rust());
    }
    for interruption in &scenario.interruptions {
        let _ = writeln!(code, "{}", interruption.to_rust());
    }
    let decisions: Vec<String> =
        scenario.interruptions.iter().filter_map(Interruption::decision).map(decision_to_rust).collect();
    match decisions.as_slice() {
        [] => {}
        [one] => {
            let _ = writeln!(code, "lab.on_pause([{one}]);");
        }
        all => {
            let _ = writeln!(code, "lab.on_pause([{}]);", all.join(", "));
        }
    }
    code
}

/// The devices that steps use, by name.
pub(super) fn devices_of(steps: &[Step]) -> BTreeSet<Text> {
    let mut all = BTreeSet::new();
    for step in steps {
        match step {
            Step::Message(line) => all.extend(line.obj.iter().chain(&line.objs).cloned()),
            Step::Plan(named) => all.extend(devices_of_plan(named)),
            Step::Repeat(_, body) => all.extend(devices_of(body)),
            Step::Wrap(wrapper, body) => {
                all.extend(devices_of(body));
                match wrapper {
                    Wrapper::Stage(names)
                    | Wrapper::Baseline(names)
                    | Wrapper::MonitorDuring(names)
                    | Wrapper::FlyDuring(names) => all.extend(names.iter().cloned()),
                    Wrapper::Finalize(end) => all.extend(devices_of(end)),
                    _ => {}
                }
            }
            Step::Raise => {}
        }
    }
    all
}

fn devices_of_plan(named: &NamedPlan) -> Vec<Text> {
    match named {
        NamedPlan::Mv { motor, .. } | NamedPlan::Mvr { motor, .. } => vec![motor.clone()],
        NamedPlan::Count { detector, .. } => vec![detector.clone()],
        NamedPlan::Scan { detector, motor, .. } => vec![detector.clone(), motor.clone()],
        NamedPlan::Fly { flyer } => vec![flyer.clone()],
        NamedPlan::TriggerAndRead { devices, .. } => devices.clone(),
    }
}

/// The name of a device as that of a variable.
fn variable(device: &str) -> String {
    let name: String = device.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        _ => name.to_lowercase(),
    }
}

fn body(code: &mut String, steps: &[Step], depth: usize) {
    for step in steps {
        self::step(code, step, depth);
    }
}

fn push(code: &mut String, depth: usize, line: &str) {
    let _ = writeln!(code, "{}{line}", "    ".repeat(depth));
}

fn step(code: &mut String, step: &Step, depth: usize) {
    match step {
        Step::Message(line) => push(code, depth, &message(line)),
        Step::Plan(named) => push(code, depth, &named_plan(named)),
        Step::Raise => push(code, depth, "return Err(plan_error!(\"no light\"));"),
        Step::Repeat(times, steps) => {
            push(code, depth, &format!("for _ in 0..{times} {{"));
            body(code, steps, depth + 1);
            push(code, depth, "}");
        }
        Step::Wrap(Wrapper::Span(name), steps) => {
            push(code, depth, &format!("p.trace({name:?}, async |p| {{"));
            body(code, steps, depth + 1);
            push(code, depth + 1, "Ok(())");
            push(code, depth, "}).await?;");
        }
        Step::Wrap(wrapper, steps) => wrapped(code, wrapper, steps, depth),
    }
}

/// A preprocessor around a plan of its own, which has its own handles of the devices.
fn wrapped(code: &mut String, wrapper: &Wrapper, steps: &[Step], depth: usize) {
    let used = devices_of(steps);
    let names: Vec<String> = used.iter().map(|device| variable(device)).collect();
    match names.as_slice() {
        [] => push(code, depth, "let inner = plan(async move |p| {"),
        names => {
            push(code, depth, "let inner = {");
            for name in names {
                push(code, depth + 1, &format!("let {name} = {name}.clone();"));
            }
            push(code, depth + 1, "plan(async move |p| {");
        }
    }
    let inside = if names.is_empty() { depth + 1 } else { depth + 2 };
    body(code, steps, inside);
    push(code, inside, "Ok(())");
    match names.as_slice() {
        [] => push(code, depth, "});"),
        _ => {
            push(code, depth + 1, "})");
            push(code, depth, "};");
        }
    }
    if let Wrapper::Finalize(end) = wrapper {
        push(code, depth, "let end = plan(async move |p| {");
        body(code, end, depth + 1);
        push(code, depth + 1, "Ok(())");
        push(code, depth, "});");
    }
    let devices = |names: &[Text]| {
        let handles: Vec<String> = names.iter().map(|name| format!("{}.clone()", variable(name))).collect();
        format!("[{}]", handles.join(", "))
    };
    let plan = match wrapper {
        Wrapper::Span(name) => format!("trace_plan({name:?}, inner)"),
        Wrapper::Run => "run_wrapper(inner, Map::new())".to_owned(),
        Wrapper::Stage(names) => format!("stage_wrapper(inner, {})", devices(names)),
        Wrapper::LazilyStage => "lazily_stage_wrapper(inner)".to_owned(),
        Wrapper::Baseline(names) => format!("baseline_wrapper(inner, {}, \"baseline\")", devices(names)),
        Wrapper::MonitorDuring(names) => format!("monitor_during_wrapper(inner, {})", devices(names)),
        Wrapper::FlyDuring(names) => format!("fly_during_wrapper(inner, {})", devices(names)),
        Wrapper::RelativeSet => "relative_set_wrapper(inner, None)".to_owned(),
        Wrapper::ResetPositions => "reset_positions_wrapper(inner, None)".to_owned(),
        Wrapper::NotRewindable => "rewindable_wrapper(inner, false)".to_owned(),
        Wrapper::InjectMd => "inject_md_wrapper(inner, Map::from_iter([(\"sample\", \"A\")]))".to_owned(),
        Wrapper::SetRunKey(key) => format!("set_run_key_wrapper(inner, {key:?})"),
        Wrapper::Finalize(_) => "finalize_wrapper(inner, end)".to_owned(),
        Wrapper::Catch => "contingency_wrapper(inner).except(|_| plan(async |_| Ok(()))).auto_raise(false)".to_owned(),
    };
    push(code, depth, &format!("p.run(preprocessors::{plan}).await?;"));
}

fn named_plan(named: &NamedPlan) -> String {
    match named {
        NamedPlan::Mv { motor, to } => format!("p.mv(&{}, {to}).await?;", variable(motor)),
        NamedPlan::Mvr { motor, by } => format!("p.mvr(&{}, {by}).await?;", variable(motor)),
        NamedPlan::Count { detector, num } => {
            format!("p.run(plans::count(&{}, {num})).await?;", variable(detector))
        }
        NamedPlan::Scan { relative, detector, motor, to, num } => format!(
            "p.run(plans::{}(&{}, &{}, 0, {to}, {num})).await?;",
            if *relative { "rel_scan" } else { "scan" },
            variable(detector),
            variable(motor)
        ),
        NamedPlan::Fly { flyer } => format!("p.run(plans::fly(&{})).await?;", variable(flyer)),
        NamedPlan::TriggerAndRead { devices, stream } => {
            let devices: Vec<String> = devices.iter().map(|device| format!("&{}", variable(device))).collect();
            format!("p.trigger_and_read([{}], {stream:?}).await?;", devices.join(", "))
        }
    }
}

/// A message by its stub, where there is one for it as it is.
fn message(line: &Line) -> String {
    let stub = if line.run.is_none() { stub(line) } else { None };
    stub.unwrap_or_else(|| generic(line))
}

fn stub(line: &Line) -> Option<String> {
    let obj = line.obj.as_deref().map(variable);
    let text = |key: &str| line.kwarg_named(key).and_then(Value::as_str).map(|text| format!("{text:?}"));
    let grouped = |key: &str| match line.kwarg_named(key) {
        Some(Value::Null) => Some("Value::Null".to_owned()),
        _ => text(key),
    };
    Some(match (line.command, obj) {
        ("null", _) => "p.null().await?;".to_owned(),
        ("checkpoint", _) => "p.checkpoint().await?;".to_owned(),
        ("clear_checkpoint", _) => "p.clear_checkpoint().await?;".to_owned(),
        ("sleep", _) => format!("p.sleep({:?}).await?;", line.args.first()?.as_f64()?),
        ("open_run", _) => "p.open_run(Map::new()).await?;".to_owned(),
        ("close_run", _) => match text("exit_status") {
            None => "p.close_run().await?;".to_owned(),
            Some(status) => format!("p.close_run_as({status}, {}).await?;", text("reason")?),
        },
        ("create", _) => format!("p.create({}).await?;", text("name")?),
        ("save", _) => "p.save().await?;".to_owned(),
        ("drop", _) => "p.drop().await?;".to_owned(),
        ("read", Some(obj)) => format!("p.read(&{obj}).await?;"),
        ("set", Some(obj)) => {
            let to = line.args.first()?;
            match line.kwarg_named("group")? {
                Value::Null => format!("p.abs_set(&{obj}, {to}).await?;"),
                _ => format!("p.abs_set_in(&{obj}, {to}, {}).await?;", text("group")?),
            }
        }
        ("trigger", Some(obj)) => format!("p.trigger(&{obj}, {}).await?;", grouped("group")?),
        ("wait", _) if line.kwarg_named("watch").is_some() => format!("p.wait({}).await?;", grouped("group")?),
        ("stage" | "unstage" | "stop" | "unmonitor", Some(obj)) => format!("p.{}(&{obj}).await?;", line.command),
        ("monitor", Some(obj)) => format!("p.monitor(&{obj}, {}).await?;", text("name")?),
        ("kickoff" | "complete", Some(obj)) => format!("p.{}_in(&{obj}, {}).await?;", line.command, text("group")?),
        ("pause", _) => match line.kwarg_named("defer") {
            Some(Value::Bool(true)) => "p.deferred_pause().await?;".to_owned(),
            _ => "p.pause().await?;".to_owned(),
        },
        _ => return None,
    })
}

/// Any message, by the name of its command.
fn generic(line: &Line) -> String {
    let mut code = format!("p.msg(GenericMsg::new({:?})", line.command);
    if let Some(obj) = &line.obj {
        let _ = write!(code, ".about(&{})", variable(obj));
    }
    for obj in &line.objs {
        let _ = write!(code, ".arg(&{})", variable(obj));
    }
    for value in &line.args {
        let _ = write!(code, ".arg({})", rust_value(value));
    }
    for (key, value) in &line.kwargs {
        let _ = write!(code, ".kwarg({key:?}, {})", rust_value(value));
    }
    if let Some(run) = &line.run {
        let _ = write!(code, ".in_run({run:?})");
    }
    code + ").await?;"
}

fn rust_value(value: &Value) -> String {
    match value {
        Value::Null => "Value::Null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Str(text) => format!("{:?}", &**text),
        Value::Array(values) if values.is_empty() => "Value::from(Vec::<Value>::new())".to_owned(),
        Value::Map(map) if map.is_empty() => "Map::new()".to_owned(),
        other => format!("{other:?}"),
    }
}
