//! The Rust code of every plan, stub and preprocessor that a search makes compiles, and does what the steps do.

use std::fmt::Write as _;

use skyspan::engine::Suspender;
use skyspan::hardware::FrameFlyer;
use skyspan::message::Object;
use skyspan::prelude::*;
use skyspan::program::{CallbackSpec, NamedPlan, Program, ProgramCallback, Step, Vocabulary};
use skyspan::property::{GeneratedPlan, Op, OpKind};
use skyspan::value::Value;
use skyspan::value::yaml::{Node, NodeValue};

use super::printed::same;

/// A name, and the plan that its Rust code makes.
type Compiled = (&'static str, fn(&Harness) -> Plan);
/// A name, and the steps of a plan.
type Named = (&'static str, Vec<Step>);

/// Plans by their names, each with the objects that its code uses, and the code.
macro_rules! compiled {
    (|$p:ident| $($name:literal [$($object:ident)*] {$($code:tt)*})*) => {
        &[$(($name, |_lab: &Harness| {
            $(let $object = object!(_lab, $object);)*
            plan(async move |$p| {
                $($code)*
                Ok(())
            })
            .named("messages")
        })),*]
    };
}

/// An object of that name, as the kit of a search has it.
macro_rules! object {
    ($lab:ident, listener) => {
        ProgramCallback::new(&CallbackSpec::new("listener"))
    };
    ($lab:ident, bool_high) => {
        suspender($lab)
    };
    ($lab:ident, $device:ident) => {
        $lab.device(stringify!($device))
    };
}

/// Rust code that is compiled here, with the steps that it is of and the file that it stands in.
struct Compilation {
    file: &'static str,
    text: &'static str,
    compiled: &'static [Compiled],
    steps: fn() -> Vec<Named>,
}

macro_rules! compilation {
    ($file:literal, $steps:expr) => {
        Compilation { file: $file, text: include_str!($file), compiled: include!($file), steps: $steps }
    };
}

/// All of them. The files are made by the first test below, with `SKYSPAN_BLESS=1`.
#[expect(
    clippy::borrow_deref_ref,
    clippy::cloned_ref_to_slice_refs,
    clippy::useless_conversion,
    reason = "one device is written as several are, and a value as any other"
)]
const ALL: [Compilation; 3] = [
    compilation!("compiled/plans.rs", || of_plans(0, Vocabulary::plans())),
    compilation!("compiled/stubs.rs", || of_plans(Vocabulary::plans().len(), Vocabulary::stubs())),
    compilation!("compiled/wrappers.rs", || of_wrappers().into_iter().chain(besides()).collect()),
];

/// The plans or stubs that a search makes, with arguments; those before them have numbers up to that.
fn of_plans(before: usize, plans: &[NamedPlan]) -> Vec<Named> {
    let of = |which| steps_of([Op::new(OpKind::Plan, [which, 0, 0, 2])]);
    numbered(before).zip(plans).map(|(which, plan)| (plan.name, of(which))).collect()
}

/// The preprocessors that a search makes, each around the same body.
fn of_wrappers() -> Vec<Named> {
    let body = || [Op::new(OpKind::Null, []), Op::new(OpKind::Set, [0, 1, 1]), Op::new(OpKind::Sleep, [1])];
    let around = |which| steps_of(std::iter::once(Op::new(OpKind::Wrap, [which, 0, 0])).chain(body()));
    numbered(0).zip(Vocabulary::wrappers()).map(|(which, wrapper)| (wrapper.name, around(which))).collect()
}

/// Numbers of operations, from that one.
fn numbered(from: usize) -> std::ops::RangeFrom<u8> {
    u8::try_from(from).expect("there are not so many words")..
}

fn steps_of(ops: impl IntoIterator<Item = Op>) -> Vec<Step> {
    GeneratedPlan::verbatim(ops).steps()
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

/// What stands in a file of compiled code.
fn written(all: &[Named]) -> String {
    let objects =
        ["det", "det1", "det2", "motor", "motor1", "motor2", "frames", "trivial_flyer", "listener", "bool_high"];
    let mut text = "compiled! { |p|\n".to_owned();
    for (name, steps) in all {
        let code = Step::to_rust(steps);
        let words: Vec<&str> = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        // A string may have the name of an object, too.
        let is_used = |object: &&&str| {
            words.contains(object) && (code.contains(&format!("&{object}")) || code.contains(&format!("{object}.")))
        };
        let used: Vec<&str> = objects.iter().filter(is_used).copied().collect();
        let _ = writeln!(text, "{name:?} [{}] {{", used.join(" "));
        code.lines().for_each(|line| text += &format!("    {line}\n"));
        text += "}\n";
    }
    text + "}\n"
}

#[test]
fn the_rust_code_that_is_compiled_here_is_that_of_every_plan() {
    for Compilation { file, text, steps, .. } in &ALL {
        let written = written(&steps());
        if std::env::var_os("SKYSPAN_BLESS").is_some() {
            let path = format!("{}/tests/it/property/{file}", env!("CARGO_MANIFEST_DIR"));
            std::fs::write(path, &written).expect("the file can be written");
            continue;
        }
        assert!(
            written == *text,
            "a plan has other Rust code than tests/it/property/{file} has; SKYSPAN_BLESS=1 makes it anew"
        );
        let lacking: Vec<&str> = written.lines().filter(|line| line.contains("as a plan file")).collect();
        assert!(lacking.is_empty(), "there is no Rust code of these: {lacking:#?}");
    }
}

#[test]
fn the_rust_code_of_every_plan_does_what_the_plan_does() {
    let mut different = String::new();
    for Compilation { file, compiled, steps, .. } in &ALL {
        let all = steps();
        assert_eq!(all.len(), compiled.len(), "{file}");
        for ((name, steps), (compiled_name, compiled)) in all.iter().zip(*compiled) {
            assert_eq!(name, compiled_name);
            let (by_steps, by_code) = (lab(), lab());
            by_steps.furnish(&furnished()).expect("its names are free");
            let plan_of_steps = by_steps.plan_of(steps).expect("its devices are there");
            let (of_steps, of_code) = (by_steps.run(plan_of_steps), by_code.run(compiled(&by_code)));
            if let Err(broken) = same(&of_steps, &of_code) {
                let _ = writeln!(different, "{name}: {broken:?}\n{}", Step::to_rust(steps));
            }
            let (one, other) = (of_steps.exit_status(), of_code.exit_status());
            if one != other {
                let _ = writeln!(different, "{name}: {one} by steps, {other} by code");
            }
        }
    }
    assert!(different.is_empty(), "{different}");
}
