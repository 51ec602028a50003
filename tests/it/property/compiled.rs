//! The Rust code of every plan, stub and preprocessor that a search makes compiles, and does what the steps do.

use std::fmt::Write as _;

use skyspan::engine::Suspender;
use skyspan::hardware::FrameFlyer;
use skyspan::message::Object;
use skyspan::prelude::*;
use skyspan::program::{Callback, CallbackSpec, Program, Step, Vocabulary};
use skyspan::property::{GeneratedPlan, Op, OpKind};
use skyspan::value::Value;
use skyspan::value::yaml::{Node, NodeValue};

use super::printed::same;

/// A name, and the plan that its Rust code makes.
type Compiled = (&'static str, fn(&Harness) -> Plan);

/// All of them as Rust code, which is compiled here. Made by the test below, with `SKYSPAN_BLESS=1`.
#[expect(
    clippy::borrow_deref_ref,
    clippy::cloned_ref_to_slice_refs,
    clippy::useless_conversion,
    reason = "one device is written as several are, and a value as any other"
)]
const COMPILED: &[Compiled] = &include!("compiled_plans.rs");

/// Every plan, stub and preprocessor that a search makes, with arguments, and the name of each.
fn all() -> Vec<(&'static str, Vec<Step>)> {
    let plans = Vocabulary::plans().iter().chain(Vocabulary::stubs());
    let wrappers = Vocabulary::wrappers().iter();
    let plans = (0..).zip(plans).map(|(which, plan)| (plan.name, vec![Op::new(OpKind::Plan, [which, 0, 0, 2])]));
    let body = || [Op::new(OpKind::Null, []), Op::new(OpKind::Set, [0, 1, 1]), Op::new(OpKind::Sleep, [1])];
    let around = |which| std::iter::once(Op::new(OpKind::Wrap, [which, 0, 0])).chain(body()).collect();
    let wrappers = (0..).zip(wrappers).map(|(which, wrapper)| (wrapper.name, around(which)));
    let generated = plans.chain(wrappers).map(|(name, ops): (_, Vec<Op>)| (name, GeneratedPlan::verbatim(ops).steps()));
    generated.chain(besides()).collect()
}

/// What a search does not make, and programs know.
fn besides() -> [(&'static str, Vec<Step>); 4] {
    let nap = || Node::from(vec![of_map([("command", "sleep".into()), ("args", [0.5].into())])]);
    let counted = Step::plan("count").arg(["det"]).kwarg("num", 2).kwarg("per_shot", nap());
    let scanned = Step::plan("scan").arg(["det"]).arg("motor").arg(0).arg(1).arg(2).kwarg("per_step", nap());
    let gone = || [Step::message("sleep").arg(1.0), Step::message("null"), Step::message("checkpoint")];
    let replaced = |wrap: Step| {
        wrap.with_steps_at("replace", "sleep", [Step::message("set").of("motor").arg(1)]).with_steps_at(
            "replace",
            "checkpoint",
            [Step::message("sleep").arg(0.5)],
        )
    };
    [
        ("count, per_shot", vec![counted]),
        ("scan, per_step", vec![scanned]),
        ("msg_mutator, replace", vec![replaced(Step::wrap("msg_mutator", gone()))]),
        ("msg_mutator, drop and replace", vec![replaced(Step::wrap("msg_mutator", gone()).with("drop", ["null"]))]),
    ]
}

fn of_map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    NodeValue::Mapping(entries.map(|(key, node)| (key.into(), node)).into()).into()
}

fn lab() -> Harness {
    let lab = Harness::new();
    lab.add(FrameFlyer::nested("frames").num(2));
    lab.with_engine(|engine| engine.set_input(async |_| Ok("q".into())));
    lab
}

fn suspender(lab: &Harness) -> Object {
    Object::from(&Suspender::bool_high(&lab.device("bool_sig")).build().expect("it tells of changes"))
        .named("bool_high")
}

/// What steps may name in a lab of a search.
fn furnished() -> Program {
    let mut program = Program::default();
    program.callbacks.push(CallbackSpec::new("listener"));
    program.suspenders = skyspan::property::Kit::standard().suspenders().to_vec();
    program
}

/// All of them as the text of `compiled_plans.rs`.
fn written() -> String {
    let mut text = "[\n".to_owned();
    for (name, steps) in all() {
        let code = Step::to_rust(&steps);
        let used = ["det", "det1", "det2", "motor", "motor1", "motor2", "frames", "trivial_flyer"];
        let words: Vec<&str> = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        // A string may have the name of a device, too.
        let said = |device: &str| code.contains(&format!("&{device}")) || code.contains(&format!("{device}.clone()"));
        let used: Vec<&&str> = used.iter().filter(|device| words.contains(device) && said(device)).collect();
        let is_used = !used.is_empty() || words.contains(&"bool_high");
        let _ = writeln!(text, "({name:?}, |{}: &Harness| {{", if is_used { "lab" } else { "_" });
        for device in used {
            let _ = writeln!(text, "    let {device} = lab.device({device:?});");
        }
        // As the kit of a search has them.
        if words.contains(&"listener") {
            text += "    let listener = Callback::new(&CallbackSpec::new(\"listener\"));\n";
        }
        if words.contains(&"bool_high") {
            text += "    let bool_high = suspender(lab);\n";
        }
        text += "    plan(async move |p| {\n";
        for line in code.lines() {
            let _ = writeln!(text, "        {line}");
        }
        text += "        Ok(())\n    }).named(\"messages\")\n}),\n";
    }
    text + "]\n"
}

#[test]
fn the_rust_code_that_is_compiled_here_is_that_of_every_plan() {
    let written = written();
    if std::env::var_os("SKYSPAN_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/property/compiled_plans.rs");
        std::fs::write(path, &written).expect("the file can be written");
    }
    assert!(
        written == include_str!("compiled_plans.rs"),
        "a plan has other Rust code than tests/it/property/compiled_plans.rs has; SKYSPAN_BLESS=1 makes it anew"
    );
    let lacking: Vec<&str> = written.lines().filter(|line| line.contains("as a plan file")).collect();
    assert!(lacking.is_empty(), "there is no Rust code of these: {lacking:#?}");
}

#[test]
fn the_rust_code_of_every_plan_does_what_the_plan_does() {
    let all = all();
    assert_eq!(all.len(), COMPILED.len());
    let mut different = String::new();
    for ((name, steps), (compiled_name, compiled)) in all.iter().zip(COMPILED) {
        assert_eq!(name, compiled_name);
        let (by_steps, by_code) = (lab(), lab());
        by_steps.furnish(&furnished()).expect("its names are free");
        let plan_of_steps = by_steps.plan_of(steps).expect("its devices are there");
        let (of_steps, of_code) = (by_steps.run(plan_of_steps), by_code.run(compiled(&by_code)));
        if let Err(broken) = same(&of_steps, &of_code) {
            let _ = writeln!(different, "{name}: {broken:?}\n{}", Step::to_rust(steps));
        }
        if of_steps.exit_status() != of_code.exit_status() {
            let _ =
                writeln!(different, "{name}: {} by steps, {} by code", of_steps.exit_status(), of_code.exit_status());
        }
    }
    assert!(different.is_empty(), "{different}");
}
