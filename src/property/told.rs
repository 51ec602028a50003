//! A case as Rust code and as a plan file: the lab, the circumstances, and the plan where it is known.

use std::fmt::Write as _;

use super::Kit;
use super::interruption::{Interruption, decision_to_rust, pause_actions};
use super::kit::ANSWER;
use super::scenario::Scenario;
use super::source_text::Written;
use super::subject::Subject;
use super::trial::Labs;
use crate::clock::Moments;
use crate::document::DocumentName;
use crate::harness::{Decision, Harness};
use crate::program::{
    CallSpec, CallbackSpec, DeviceSpec, Item, Program, Step, StepNames, SubsSpec, callback_to_rust, rust_body,
    suspender_to_rust, variable,
};
use crate::value::yaml::Node;
use crate::value::{Map, Position, Value};

/// The lab, the circumstances and the plan of a subject, or what makes it of its arguments.
pub(super) fn rust_of(subject: &dyn Subject, scenario: &Scenario, labs: &Labs) -> String {
    with_uses(told(subject, scenario, labs))
}

fn told(subject: &dyn Subject, scenario: &Scenario, labs: &Labs) -> String {
    if let (Some(steps), Some(kit)) = (subject.steps(), subject.kit()) {
        return rust_code(&steps, kit, scenario, labs);
    }
    let code = scenario_code(scenario, labs);
    let own = subject.own();
    let plan = own.and_then(|(made_at, case)| Some((made_at.text()?, case)));
    match plan {
        Some((plan, case)) => {
            let plan = format!("skyspan::property::again::plan_of_case(&lab, &case, {plan})");
            format!("{code}{case}let run = lab.run({plan});\n")
        }
        None => code + &commented("The plan, of these arguments", &subject.shown()),
    }
}

/// A case that a check was called with.
pub(super) struct Case {
    /// The value that was drawn, as Rust code.
    pub(super) value: String,
    /// The name of its type.
    pub(super) value_type: &'static str,
    /// Where the check is.
    pub(super) checked_at: Written,
}

/// The lab, the circumstances and the check of a case.
pub(super) fn check_of(case: &Case, scenario: &Scenario, labs: &Labs) -> String {
    let code = scenario_code(scenario, labs);
    match case.checked_at.text() {
        Some(check) => {
            let case = case_code(&case.value, case.value_type);
            let check = format!("skyspan::property::again::check_case(&lab, &case, {check}).unwrap();\n");
            with_uses(code + &case + &check)
        }
        None => code + &commented("The arguments", &case.value),
    }
}

/// The code with the names that it needs and the prelude has not.
fn with_uses(code: String) -> String {
    if code.contains("Value::") { format!("use skyspan::value::Value;\n{code}") } else { code }
}

/// A case in a variable.
pub(super) fn case_code(value: &str, value_type: &str) -> String {
    let value_type = value_type.replace("alloc::", "std::");
    // What is of some other crate would need a path that nobody knows here.
    let mut paths = value_type.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let is_known = paths.all(|path| !path.contains("::") || path.starts_with("std::") || path.starts_with("core::"));
    let value = if value_type.starts_with("std::vec::Vec<") {
        format!("vec!{value}")
    } else if value_type == "std::string::String" {
        format!("{value}.to_owned()")
    } else {
        value.to_owned()
    };
    match is_known {
        true => format!("let case: {value_type} = {value};\n"),
        false => format!("let case = {value};\n"),
    }
}

fn commented(what: &str, text: &str) -> String {
    let comment: String = text.lines().map(|line| format!("// {line}\n")).collect();
    format!("// {what}:\n{comment}")
}

/// The lab, the circumstances and the plan.
fn rust_code(steps: &[Step], kit: &Kit, scenario: &Scenario, labs: &Labs) -> String {
    let StepNames { devices: used, callbacks, suspenders } = StepNames::of(steps);
    let mut code = lab(scenario, labs);
    for device in kit.added().iter().chain(&scenario.devices) {
        let name = &device.name.value;
        let is_used = used.contains(name) || scenario.faults.iter().any(|fault| fault.device.value == *name);
        if is_used && !replaced(device, kit, scenario) {
            code += &added(device);
        }
    }
    code += &circumstances(scenario);
    if asks(steps) {
        let _ = writeln!(code, "lab.with_engine(|engine| engine.set_input(async |_| Ok({ANSWER:?}.into())));");
    }
    for callback in kit.callbacks() {
        let name = &callback.name.value;
        if callbacks.contains(name) && scenario.callbacks.iter().all(|other| other.name.value != *name) {
            let _ = writeln!(code, "let {} = {};", variable(name), callback_to_rust(callback));
        }
    }
    for suspender in kit.suspenders() {
        let name = &suspender.name.value;
        match suspender_to_rust(suspender) {
            _ if !suspenders.contains(name) => {}
            Some(made) => code += &format!("let {} = {made};\n", variable(name)),
            None => code += &format!("// and the suspender `{name}`, as the plan file has it\n"),
        }
    }
    for device in &used {
        let _ = writeln!(code, "let {} = lab.device({device:?});", variable(device));
    }
    code += "let run = lab.run(plan(async move |p| {\n";
    rust_body(&mut code, steps, 1);
    code += "    Ok(())\n}).named(\"messages\"));\n";
    code
}

/// Whether a person is asked.
fn asks(steps: &[Step]) -> bool {
    let asks_itself = |step: &Step| match step {
        Step::Message { command, .. } => command.value == "input",
        Step::Plan { name, .. } => ["input_plan", "tweak"].contains(&name.value.as_str()),
        _ => false,
    };
    steps.iter().any(|step| asks_itself(step) || step.bodies().into_iter().any(asks))
}

/// Whether a device of the kit is another one in the scenario.
fn replaced(device: &DeviceSpec, kit: &Kit, scenario: &Scenario) -> bool {
    kit.added().contains(device) && scenario.devices.iter().any(|other| other.name.value == device.name.value)
}

/// The statement that adds a device.
fn added(device: &DeviceSpec) -> String {
    match device.to_rust() {
        Some(device) => format!("lab.add({device});\n"),
        None => format!("// and `{}`, a {}, as the plan file has it\n", device.name.value, device.class.value),
    }
}

fn scenario_code(scenario: &Scenario, labs: &Labs) -> String {
    let mut code = lab(scenario, labs);
    for device in &scenario.devices {
        code += &added(device);
    }
    code + &circumstances(scenario)
}

/// The lab, built and furnished as the test says.
fn lab(scenario: &Scenario, labs: &Labs) -> String {
    let seed = scenario.seed;
    let moments = match scenario.moments.as_slice() {
        [] => String::new(),
        picks => format!(".picked_moments({picks:?})"),
    };
    let plain = match (seed, moments.is_empty()) {
        (0, true) => "let lab = Harness::new();\n".to_owned(),
        (_, true) => format!("let lab = Harness::seeded({seed});\n"),
        (0, false) => format!("let lab = Harness::builder(){moments}.build();\n"),
        (_, false) => format!("let lab = Harness::builder().seed({seed}){moments}.build();\n"),
    };
    let mut code = match labs.built_at.map(|written| written.text().ok_or(written)) {
        None => plain,
        Some(Ok(build)) => {
            let built = format!("skyspan::property::again::built(Harness::builder(), {build})");
            format!("let lab = {built}.seed({seed}){moments}.build();\n")
        }
        Some(Err(at)) => format!("// Built as {} says.\n{plain}", at.place()),
    };
    match labs.furnished_at.map(|written| written.text().ok_or(written)) {
        None => {}
        Some(Ok(furnish)) => {
            let _ = writeln!(code, "skyspan::property::again::furnish(&lab, {furnish});");
        }
        Some(Err(at)) => {
            let _ = writeln!(code, "// Furnished as {} says.", at.place());
        }
    }
    code
}

fn circumstances(scenario: &Scenario) -> String {
    let mut code = String::new();
    for callback in &scenario.callbacks {
        let name = variable(&callback.name.value);
        let _ = writeln!(code, "let {name} = {};", callback_to_rust(callback));
        let subscribe = format!("engine.add_subscriber(DocumentName::All, {name}.subscriber())");
        let _ = writeln!(code, "lab.with_engine(|engine| {subscribe});");
    }
    if scenario.record_interruptions {
        code += "lab.with_engine(|engine| engine.record_interruptions(true));\n";
    }
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

/// How often a run waited for somebody: a plan file has as many answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// How many pauses were asked for.
    pub(super) pauses: usize,
    /// The lines of `input`.
    pub(super) lines: usize,
}

/// The plan of a subject, where it is known, and its circumstances, ready for `skyspan run`, where so much was asked in that lab.
pub(super) fn plan_file_of(subject: &dyn Subject, scenario: &Scenario, lab: &Harness, asked: Asked) -> Option<String> {
    let (steps, kit) = (subject.steps()?, subject.kit()?);
    let StepNames { devices: used, callbacks, suspenders } = StepNames::of(&steps);
    let is_faulty = |name: &String| scenario.faults.iter().any(|fault| fault.device.value == *name);
    let mut program =
        Program { resource: Map::from_iter([("service.name", Value::literal("skyspan"))]), ..Program::default() };
    if !scenario.moments.is_empty() {
        program.engine.moments = Moments::Picked(scenario.moments.clone());
    }
    program.devices = scenario
        .devices
        .iter()
        .chain(kit.added().iter().filter(|device| !replaced(device, kit, scenario)))
        .filter(|device| used.contains(&device.name.value) || is_faulty(&device.name.value))
        .cloned()
        .collect();
    let beamline = lab.beamline();
    program.faults = scenario
        .faults
        .iter()
        // A fault that can never come is refused in a plan file.
        .filter(|spec| beamline.get(&spec.device.value).is_some_and(|device| spec.fault.can_come_to(&device)))
        .cloned()
        .collect();
    program.engine.record_interruptions = scenario.record_interruptions;
    let is_replaced =
        |callback: &&CallbackSpec| scenario.callbacks.iter().any(|other| other.name.value == callback.name.value);
    let of_kit = kit.callbacks().iter().filter(|it| callbacks.contains(&it.name.value) && !is_replaced(it));
    program.callbacks = scenario.callbacks.iter().chain(of_kit).cloned().collect();
    program.suspenders = kit.suspenders().iter().filter(|it| suspenders.contains(&it.name.value)).cloned().collect();
    let subs: Vec<Node> = scenario.callbacks.iter().map(|callback| callback.name.value.as_str().into()).collect();
    let subs = (!subs.is_empty()).then_some(SubsSpec { documents: DocumentName::All, callbacks: subs });
    let decisions: Vec<Decision> = scenario.decisions().take(asked.pauses).collect();
    let call = CallSpec {
        subs: subs.into_iter().collect(),
        at: scenario.interruptions.iter().flat_map(Interruption::to_data).collect(),
        on_pause: decisions.iter().flat_map(pause_actions).collect(),
        input: (asked.lines > 0).then(|| vec![ANSWER.to_owned(); asked.lines]),
        ..CallSpec::default()
    };
    program.items = vec![Item::Messages { messages: steps, call, position: Position::NOWHERE }];
    Some(program.to_yaml())
}
