//! Plans and preprocessors of the tables of programs, with arguments by chance: whatever is added there comes here by itself.

use super::Kit;
use super::verbatim::names;
use crate::program::{
    By, Drawn, DrawnWrapper, NamedPlan, Parameter, Step, Takes, Vocabulary, Wrapper, step_node, steps_node,
};
use crate::value::yaml::{Node, NodeValue};
use crate::value::{Map, Text};

/// The numbers by which arguments are drawn: of a device, of a motor, and how large what is to be said is.
#[derive(Clone, Copy)]
pub(super) struct Numbers(pub(super) [u8; 3]);

fn nth<T: Copy>(all: &[T], number: u8) -> Option<T> {
    all.get(usize::from(number).checked_rem(all.len())?).copied()
}

fn plans_where(is_one: impl Fn(&NamedPlan) -> bool) -> Vec<&'static NamedPlan> {
    Vocabulary::plans().iter().chain(Vocabulary::stubs()).filter(|plan| is_one(plan)).collect()
}

/// One of the plans that may be a part of a well-formed plan.
pub(super) fn well_formed_plan(number: u8) -> Option<&'static NamedPlan> {
    nth(&plans_where(|plan| matches!(plan.drawn, Drawn::Run | Drawn::Still | Drawn::Event)), number)
}

/// One of all plans that a search makes.
pub(super) fn any_plan(number: u8) -> Option<&'static NamedPlan> {
    nth(&plans_where(|_| true), number)
}

/// How many plans a search makes.
pub(super) fn plan_count() -> usize {
    plans_where(|_| true).len()
}

/// How many preprocessors it makes.
pub(super) fn wrapper_count() -> usize {
    Vocabulary::wrappers().len()
}

fn wrappers_where(is_one: impl Fn(&Wrapper) -> bool) -> Vec<&'static Wrapper> {
    Vocabulary::wrappers().iter().filter(|wrapper| is_one(wrapper)).collect()
}

/// One of the preprocessors that may be around any body.
pub(super) fn wrapper_anywhere(number: u8) -> Option<&'static Wrapper> {
    nth(&wrappers_where(|wrapper| wrapper.drawn == DrawnWrapper::Anywhere), number)
}

/// One of all preprocessors that a search makes.
pub(super) fn any_wrapper(number: u8) -> Option<&'static Wrapper> {
    nth(&wrappers_where(|_| true), number)
}

/// Arguments that are being drawn, of which no two are the same motor.
struct Drawing<'a> {
    kit: &'a Kit,
    numbers: Numbers,
    motors: Vec<&'a Text>,
}

/// A plan with arguments; nothing where the kit has no device for one.
pub(super) fn plan(plan: &NamedPlan, kit: &Kit, numbers: Numbers) -> Option<Step> {
    let mut drawing = Drawing { kit, numbers, motors: Vec::new() };
    let mut step = Step::plan(plan.name);
    for parameter in plan.parameters {
        match parameter.by {
            By::Rest if parameter.takes == Takes::Value => match plan.name {
                "broadcast_msg" => {}
                "configure" => step = step.arg(Map::new()),
                _ => step = step.arg(i32::from(numbers.0[2])),
            },
            By::Rest => step = drawing.several(parameter.takes)?.into_iter().fold(step, Step::arg),
            By::Others => {}
            // What is set from where it is has to move.
            By::Either if (plan.name, parameter.name) == ("rel_set", "obj") => step = step.arg(drawing.motor()?),
            By::Either if parameter.is_required() => step = step.arg(drawing.one(parameter)?),
            // How many points there are is said, or there would be many.
            By::Either if (parameter.name, parameter.takes) == ("num", Takes::Count) => {
                step = step.kwarg(parameter.name, drawing.one(parameter)?);
            }
            By::Position => step = step.arg(drawing.one(parameter)?),
            By::Keyword if parameter.is_required() => step = step.kwarg(parameter.name, drawing.one(parameter)?),
            By::Either | By::Keyword => {
                step = said(plan, parameter).into_iter().fold(step, |step, said| step.kwarg(parameter.name, said));
            }
        }
    }
    Some(step)
}

/// What is said of a parameter that may be left out, lest the plan goes on for long, or leaves a device on its way.
fn said(plan: &NamedPlan, parameter: &Parameter) -> Option<Node> {
    match (plan.name, parameter.name) {
        ("ramp_plan", "timeout") => Some(5.0.into()),
        ("ramp_plan", "period") => Some(0.5.into()),
        ("rel_set", "wait") => Some(true.into()),
        _ => None,
    }
}

/// A preprocessor with options, yet without a body; nothing where the kit has no device for one.
pub(super) fn wrap(
    wrapper: &'static Wrapper,
    kit: &Kit,
    numbers: Numbers,
) -> Option<impl FnOnce(Vec<Step>) -> Step + use<>> {
    let mut drawing = Drawing { kit, numbers, motors: Vec::new() };
    let (mut options, mut steps) = (Vec::new(), Vec::new());
    let mut by_command = Vec::new();
    for (at, option) in wrapper.options.iter().enumerate() {
        let is_drawn = option.is_required() || matches!(option.takes, Takes::Commands | Takes::StepsByCommand);
        // Every other time what may be left out is said.
        if !is_drawn
            && (numbers.0[1].is_multiple_of(2) || matches!(option.takes, Takes::Steps | Takes::MapOrNull | Takes::Bool))
        {
            continue;
        }
        match option.takes {
            Takes::Steps => steps.push((option.name, [Step::message("null")])),
            // One of the three, beside messages that most plans have.
            Takes::StepsByCommand if at == usize::from(numbers.0[1]) % wrapper.options.len() => {
                let command = ["set", "sleep", "read", "checkpoint"][usize::from(numbers.0[0]) % 4];
                by_command.push((option.name, command));
            }
            Takes::StepsByCommand => {}
            _ if option.is_required() => options.push((option.name, drawing.one(option)?)),
            _ => options.extend(drawing.one(option).map(|node| (option.name, node))),
        }
    }
    Some(move |body: Vec<Step>| {
        let wrap = options.into_iter().fold(Step::wrap(wrapper.name, body), |wrap, (key, node)| wrap.with(key, node));
        let wrap = steps.into_iter().fold(wrap, |wrap, (key, steps)| wrap.with_steps(key, steps));
        let null = || [Step::message("null")];
        by_command.into_iter().fold(wrap, |wrap, (key, command)| wrap.with_steps_at(key, command, null()))
    })
}

impl<'a> Drawing<'a> {
    /// A motor that was not drawn yet.
    fn motor(&mut self) -> Option<&'a Text> {
        let [_, first, _] = self.numbers.0;
        let kit = self.kit;
        let count = u8::try_from(kit.motor_names().len()).unwrap_or(u8::MAX);
        let motor =
            (0..count).filter_map(|at| kit.motor(first.wrapping_add(at))).find(|motor| !self.motors.contains(motor))?;
        self.motors.push(motor);
        Some(motor)
    }

    fn one(&mut self, parameter: &Parameter) -> Option<Node> {
        let [device, _, size] = self.numbers.0;
        let whole = i32::from(size);
        Some(match parameter.takes {
            // A motor that is looked at is not the one that is moved.
            Takes::Device if ["detector", "monitor_sig"].contains(&parameter.name) => self.kit.detector(device)?.into(),
            Takes::Device => self.kit.readable(device)?.into(),
            Takes::Motor => self.motor()?.into(),
            Takes::Detectors => names([self.kit.detector(device)?]),
            Takes::Devices => names([self.kit.readable(device)?]),
            Takes::DevicesOrNull => names([self.motor()?]),
            Takes::Flyers => names([self.kit.flyer(device)?]),
            Takes::Flyer => self.kit.flyer(device)?.into(),
            Takes::Callback | Takes::CallbackOrToken => self.kit.nth_callback(device)?.into(),
            Takes::Suspender => self.kit.nth_suspender(device)?.into(),
            Takes::Suspenders => vec![Node::from(self.kit.nth_suspender(device)?)].into(),
            Takes::Subscribers => vec![Node::from(self.kit.nth_callback(device)?)].into(),
            // A plain string would be the device of that name.
            Takes::Key => NodeValue::Mapping(vec![("str".into(), self.kit.detector(device)?.into())]).into(),
            Takes::Number | Takes::NumberOrNull => number(parameter.name, whole),
            // A square spiral and a tuning of one point fail, as in bluesky.
            Takes::Count if parameter.name.ends_with("num") => (whole % 2 + 2).into(),
            Takes::Count | Takes::CountOrNull => (whole % 3 + 1).into(),
            Takes::Seconds | Takes::SecondsOrNull | Takes::Delay => (f64::from(size) / 10.0).into(),
            Takes::Bool => false.into(),
            Takes::Command => "null".into(),
            Takes::Text if parameter.about == "which documents" => "event".into(),
            Takes::Text => "more?".into(),
            Takes::Groups => Node::from(crate::value::Value::from(Vec::<crate::value::Value>::new())),
            Takes::Awaitables => {
                let nap: Node = NodeValue::Mapping(vec![("sleep".into(), (f64::from(size) / 10.0).into())]).into();
                vec![nap].into()
            }
            // The ramp is a move of the motor that was drawn.
            Takes::StepOrSteps => {
                let (motor, to) = (self.motor()?, whole);
                step_node(&Step::plan("abs_set").arg(motor).arg(to))
            }
            // What opens a run takes an event each time.
            Takes::Steps if parameter.name == "inner_plan_func" => {
                steps_node(&[Step::plan("one_shot").arg(names([self.kit.detector(device)?]))])
            }
            Takes::Steps => steps_node(&[Step::message("null"), Step::message("sleep").arg(0.1)]),
            Takes::Commands => ["sleep"].into(),
            Takes::Stream => "primary".into(),
            Takes::RunKey => "a".into(),
            Takes::Group | Takes::TextOrNull | Takes::BoolOrNull => crate::value::Value::Null.into(),
            Takes::Map | Takes::MapOrNull => Map::from_iter([("sample", "A")]).into(),
            Takes::Value => whole.into(),
            // Where the motor goes, and where it is: nobody knows.
            Takes::Positions if parameter.name == "pos_cache" => {
                let entries = self.motors.iter().map(|motor| ((*motor).into(), crate::value::Value::Null.into()));
                NodeValue::Mapping(entries.collect()).into()
            }
            Takes::Positions => NodeValue::Mapping(vec![(self.motor()?.into(), whole.into())]).into(),
            Takes::Cycler => vec![self.motor()?.into(), Node::from([0, whole])].into(),
            _ => return None,
        })
    }

    /// What stands for all arguments that are left.
    fn several(&mut self, takes: Takes) -> Option<Vec<Node>> {
        let [device, _, size] = self.numbers.0;
        let to = i32::from(size);
        Some(match takes {
            Takes::Devices => vec![self.kit.readable(device)?.into()],
            Takes::Flyers => vec![self.kit.flyer(device)?.into()],
            Takes::Moves => vec![self.motor()?.into(), to.into()],
            Takes::Lines => vec![self.motor()?.into(), 0.into(), to.into()],
            Takes::LinesThenCount => vec![self.motor()?.into(), 0.into(), to.into(), (to % 3 + 1).into()],
            Takes::Lists => vec![self.motor()?.into(), [0, to].into()],
            Takes::Grid => {
                let outer = vec![self.motor()?.into(), 0.into(), to.into(), 2.into()];
                let inner = self.motor().map(|motor| vec![motor.into(), 0.into(), 1.into(), 2.into()]);
                [outer, inner.unwrap_or_default()].concat()
            }
            _ => return None,
        })
    }
}

/// A number that does for a parameter of that name: a scan has few points, and none of them is nowhere.
fn number(name: &str, size: i32) -> Node {
    match name {
        "start" | "x_start" | "y_start" | "x_center" | "y_center" => 0.into(),
        "min_step" | "target_delta" => 0.5.into(),
        "max_step" | "factor" | "x_range" | "y_range" => 1.into(),
        // Half a range, or there would be no point in it.
        "dr" => 0.5.into(),
        "nth" => 2.into(),
        // Between two places, or tuning would divide by zero, as in bluesky.
        "stop" => (size + 1).into(),
        _ => size.into(),
    }
}

/// The plan stub that yields a message, where there is one for it as it is; of several, one of these.
pub(super) fn by_stub(step: Step, which: u8) -> Step {
    let Step::Message { command, obj, args, kwargs, run: None, .. } = &step else { return step };
    let is_it = |plan: &NamedPlan| matches!(plan.drawn, Drawn::Message(of) if of == command.value);
    let is_deferred = kwargs.iter().any(|(key, node)| key.value == "defer" && node.expect_bool("") == Ok(true));
    let stub = match command.value.as_str() {
        "pause" => plans_where(|plan| plan.name == if is_deferred { "deferred_pause" } else { "pause" }),
        _ => plans_where(is_it),
    };
    let Some(stub) = nth(&stub, which) else { return step };
    let has_group = kwargs.iter().any(|(key, node)| key.value == "group" && !node.is_null());
    if stub.name == "complete_all" && !has_group {
        // It would make a group that nobody waits for.
        return step;
    }
    // The stub has the documents first.
    let args: Vec<Node> = match command.value.as_str() {
        "subscribe" => args.iter().rev().cloned().collect(),
        _ => args.clone(),
    };
    let plan = obj.iter().chain(&args).cloned().fold(Step::plan(stub.name), Step::arg);
    match command.value.as_str() {
        "pause" => plan,
        "open_run" if kwargs.is_empty() => plan,
        "open_run" => {
            let entries = kwargs.iter().map(|(key, node)| (Node::from(key.value.as_str()), node.clone())).collect();
            plan.arg(NodeValue::Mapping(entries))
        }
        _ => {
            let knows = |key: &str| stub.parameters.iter().any(|it| it.name == key && it.by != By::Rest);
            if !kwargs.iter().all(|(key, _)| knows(&key.value)) {
                return step;
            }
            kwargs.iter().fold(plan, |plan, (key, node)| plan.kwarg(key.value.clone(), node.clone()))
        }
    }
}
