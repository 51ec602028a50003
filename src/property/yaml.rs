//! A generated plan as a plan file.

use std::fmt::Write as _;

use super::interruption::decision_to_plan_file;
use super::rust_code::devices_of;
use super::step::{NamedPlan, Step, Wrapper};
use super::subject::Subject;
use super::{Kit, Scenario};
use crate::harness::{Decision, Harness};
use crate::value::Text;

/// The plan of a subject, where it is known, and its circumstances, ready for `skyspan run`.
pub(super) fn plan_file_of(subject: &dyn Subject, scenario: &Scenario, lab: &Harness, pauses: usize) -> Option<String> {
    Some(plan_file(&subject.steps()?, subject.kit()?, scenario, lab, pauses))
}

/// The plan and its circumstances, ready for `skyspan run`, where it paused so many times in that lab.
fn plan_file(steps: &[Step], kit: &Kit, scenario: &Scenario, lab: &Harness, pauses: usize) -> String {
    let used = devices_of(steps);
    let mut text = String::new();
    let faulty = |name: &Text| scenario.faults.iter().any(|fault| fault.device == *name);
    let devices: Vec<String> = scenario
        .devices
        .iter()
        .chain(kit.added().iter().filter(|device| scenario.devices.iter().all(|other| other.name() != device.name())))
        .filter(|device| used.contains(device.name()) || faulty(device.name()))
        .map(super::DeviceSpec::to_plan_file)
        .collect();
    section(&mut text, "devices", &devices, 0);
    let beamline = lab.beamline();
    let faults: Vec<String> = scenario
        .faults
        .iter()
        // A fault that can never come is refused in a plan file.
        .filter(|fault| beamline.get(&fault.device).is_some_and(|device| fault.fault().can_come_to(&device)))
        .map(super::DeviceFault::to_plan_file)
        .collect();
    section(&mut text, "faults", &faults, 0);
    text += "items:\n  - item_type: messages\n    messages:\n";
    body(&mut text, steps, 3);
    if steps.is_empty() {
        text.truncate(text.len() - 1);
        text += " []\n";
    }
    let interruptions: Vec<String> = scenario.interruptions.iter().map(super::Interruption::to_plan_file).collect();
    section(&mut text, "at", &interruptions, 2);
    let decisions: Vec<Decision> = scenario.decisions().take(pauses).collect();
    if !decisions.is_empty() {
        let answers: Vec<String> = decisions.iter().map(decision_to_plan_file).collect();
        let _ = writeln!(text, "    on_pause: [{}]", answers.join(", "));
    }
    text
}

fn section(text: &mut String, key: &str, entries: &[String], depth: usize) {
    if entries.is_empty() {
        return;
    }
    let indent = "  ".repeat(depth);
    let _ = writeln!(text, "{indent}{key}:");
    for entry in entries {
        let _ = writeln!(text, "{indent}  - {entry}");
    }
}

fn body(text: &mut String, steps: &[Step], depth: usize) {
    let indent = "  ".repeat(depth);
    for step in steps {
        match step {
            Step::Message(line) => {
                let _ = writeln!(text, "{indent}- {}", line.to_plan_file());
            }
            Step::Plan(named) => {
                let _ = writeln!(text, "{indent}- {}", named_plan(named));
            }
            Step::Raise => {
                let _ = writeln!(text, "{indent}- {{raise: no light}}");
            }
            Step::Repeat(times, steps) => nested(text, &format!("repeat: {times}"), steps, depth),
            Step::Wrap(Wrapper::Span(name), steps) => nested(text, &format!("span: {name}"), steps, depth),
            Step::Wrap(wrapper, steps) => {
                nested(text, &format!("wrap: {}", wrapper_name(wrapper)), steps, depth);
                let option = |text: &mut String, option: &str| {
                    let _ = writeln!(text, "{indent}  {option}");
                };
                match wrapper {
                    Wrapper::Stage(names)
                    | Wrapper::Baseline(names)
                    | Wrapper::MonitorDuring(names)
                    | Wrapper::FlyDuring(names) => option(text, &format!("devices: [{}]", list(names))),
                    Wrapper::NotRewindable => option(text, "rewindable: false"),
                    Wrapper::InjectMd => option(text, "md: {sample: A}"),
                    Wrapper::SetRunKey(key) => option(text, &format!("run: {key}")),
                    Wrapper::Finalize(end) => {
                        option(text, "final:");
                        body(text, end, depth + 2);
                    }
                    Wrapper::Catch => {
                        option(text, "auto_raise: false");
                        option(text, "except: []");
                    }
                    _ => {}
                }
            }
        }
    }
}

fn nested(text: &mut String, what: &str, steps: &[Step], depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(text, "{indent}- {what}");
    if steps.is_empty() {
        let _ = writeln!(text, "{indent}  body: []");
    } else {
        let _ = writeln!(text, "{indent}  body:");
        body(text, steps, depth + 2);
    }
}

const fn wrapper_name(wrapper: &Wrapper) -> &'static str {
    match wrapper {
        Wrapper::Span(_) => "span",
        Wrapper::Run => "run",
        Wrapper::Stage(_) => "stage",
        Wrapper::LazilyStage => "lazily_stage",
        Wrapper::Baseline(_) => "baseline",
        Wrapper::MonitorDuring(_) => "monitor_during",
        Wrapper::FlyDuring(_) => "fly_during",
        Wrapper::RelativeSet => "relative_set",
        Wrapper::ResetPositions => "reset_positions",
        Wrapper::NotRewindable => "rewindable",
        Wrapper::InjectMd => "inject_md",
        Wrapper::SetRunKey(_) => "set_run_key",
        Wrapper::Finalize(_) => "finalize",
        Wrapper::Catch => "contingency",
    }
}

fn list(names: &[Text]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn named_plan(named: &NamedPlan) -> String {
    let (name, args) = match named {
        NamedPlan::Mv { motor, to } => ("mv", format!("{motor}, {to}")),
        NamedPlan::Mvr { motor, by } => ("mvr", format!("{motor}, {by}")),
        NamedPlan::Count { detector, num } => ("count", format!("[{detector}], {num}")),
        NamedPlan::Scan { relative, detector, motor, to, num } => {
            (if *relative { "rel_scan" } else { "scan" }, format!("[{detector}], {motor}, 0, {to}, {num}"))
        }
        NamedPlan::Fly { flyer } => ("fly", format!("[{flyer}]")),
        NamedPlan::TriggerAndRead { devices, stream } => ("trigger_and_read", format!("[{}], {stream}", list(devices))),
    };
    format!("{{plan: {{name: {name}, args: [{args}]}}}}")
}
