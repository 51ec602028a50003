//! Suspenders, made of what a plan file says of them.

use std::sync::{Arc, OnceLock};

use super::suspender_classes::SUSPENDERS;
use crate::engine::{SuspendCondition, Suspender, SuspenderBuilder};
use crate::message::Object;
use crate::plan::Plan;
use crate::program::data::SuspenderSpec;
use crate::program::op::Body;
use crate::program::options::{Options, class_error};
use crate::program::scope::Scope;
use crate::value::nearest;
use crate::value::yaml::{Node, YamlError};
use crate::value::{Text, Value};

/// A plan of a suspender. It may name any suspender, and so its steps are resolved when all suspenders are made.
#[derive(Clone, Debug, Default)]
pub(in crate::program) struct SuspenderPlan(Arc<OnceLock<Body>>);

impl SuspenderPlan {
    /// Says what is done.
    pub(in crate::program) fn set(&self, body: Body) {
        // It is said once only.
        let _ = self.0.set(body);
    }

    fn maker(self) -> MakePlan {
        Box::new(move || self.0.get().cloned().unwrap_or_default().plan())
    }
}

/// What makes a plan, new each time.
type MakePlan = Box<dyn Fn() -> Plan + Send + Sync>;

/// The suspender that a program describes, with its plans, whose steps are yet to be said.
pub(in crate::program) fn make_suspender(
    spec: &SuspenderSpec,
    scope: &Scope,
    pre_plan: Option<SuspenderPlan>,
    post_plan: Option<SuspenderPlan>,
) -> Result<Object, YamlError> {
    let class = &spec.class;
    let Some(known) = SUSPENDERS.iter().find(|known| known.name == class.value) else {
        let names = SUSPENDERS.iter().map(|known| known.name);
        return Err(class_error(class, "the class of a suspender").with_suggestion(nearest(&class.value, names)));
    };
    let options = Options { scope, class, all: &spec.options, fault: None };
    options.only(known.options)?;
    let of_any_class = OfAnyClass {
        name: Text::from(&spec.name.value),
        sleep_s: options.seconds("sleep")?.unwrap_or_default(),
        tripped_message: options.text("tripped_message", "what is said when it trips")?,
        pre_plan: pre_plan.map(SuspenderPlan::maker),
        post_plan: post_plan.map(SuspenderPlan::maker),
    };
    let signal = scope.device(&spec.signal)?;
    let signal_node = &spec.signal;
    match class.value.as_str() {
        "SuspendBoolHigh" => of_any_class.finish(Suspender::bool_high(&signal), signal_node),
        "SuspendBoolLow" => of_any_class.finish(Suspender::bool_low(&signal), signal_node),
        "SuspendFloor" => {
            let (suspend_thresh, resume_thresh) = thresholds(&options)?;
            let floor = Suspender::floor(&signal, suspend_thresh.clone());
            of_any_class.finish(floor.resume_thresh(resume_thresh.unwrap_or(suspend_thresh)), signal_node)
        }
        "SuspendCeil" => {
            let (suspend_thresh, resume_thresh) = thresholds(&options)?;
            let ceil = Suspender::ceil(&signal, suspend_thresh.clone());
            of_any_class.finish(ceil.resume_thresh(resume_thresh.unwrap_or(suspend_thresh)), signal_node)
        }
        "SuspendWhenOutsideBand" => {
            let (bottom, top) = band(&options)?;
            of_any_class.finish(Suspender::when_outside_band(&signal, bottom, top), signal_node)
        }
        #[expect(deprecated, reason = "a plan file may use what bluesky has")]
        "SuspendInBand" => {
            let (bottom, top) = band(&options)?;
            of_any_class.finish(Suspender::in_band(&signal, bottom, top), signal_node)
        }
        #[expect(deprecated, reason = "a plan file may use what bluesky has")]
        "SuspendOutBand" => {
            let (bottom, top) = band(&options)?;
            of_any_class.finish(Suspender::out_band(&signal, bottom, top), signal_node)
        }
        _ => {
            let allow_resume =
                options.get("allow_resume").map_or(Ok(false), |node| node.expect_bool("true or false"))?;
            let mut changed = Suspender::when_changed(&signal).allow_resume(allow_resume);
            if let Some(expected_value) = options.value("expected_value")? {
                changed = changed.expected_value(expected_value);
            }
            of_any_class.finish(changed, signal_node)
        }
    }
}

/// The options of every class.
struct OfAnyClass {
    name: Text,
    sleep_s: f64,
    tripped_message: Option<Text>,
    pre_plan: Option<MakePlan>,
    post_plan: Option<MakePlan>,
}

impl OfAnyClass {
    /// The suspender, of its own parts and of these.
    fn finish<C: SuspendCondition>(self, own: SuspenderBuilder<C>, signal: &Node) -> Result<Object, YamlError> {
        let mut builder = own.sleep_s(self.sleep_s);
        if let Some(message) = self.tripped_message {
            builder = builder.tripped_message(message);
        }
        if let Some(make) = self.pre_plan {
            builder = builder.pre_plan(make);
        }
        if let Some(make) = self.post_plan {
            builder = builder.post_plan(make);
        }
        let suspender =
            builder.build().map_err(|error| signal.unexpected(format!("a suspender that works: {error}")))?;
        Ok(Object::from(&suspender).named(self.name))
    }
}

/// The threshold that trips it, and the one that lets it go, where that is another.
fn thresholds(options: &Options<'_>) -> Result<(Value, Option<Value>), YamlError> {
    let suspend_node = options.required("suspend_thresh")?;
    let suspend_thresh = options.number(suspend_node)?;
    let Some(node) = options.get("resume_thresh").filter(|node| !node.is_null()) else {
        return Ok((suspend_thresh, None));
    };
    let resume_thresh = options.number(node)?;
    let (suspend, resume) = (suspend_node.expect_number("a number")?, node.expect_number("a number")?);
    let (how, fits) = match options.class.value.as_str() {
        "SuspendFloor" => ("not below", resume >= suspend),
        _ => ("not above", resume <= suspend),
    };
    if !fits {
        return Err(node.unexpected(format!("a number {how} `suspend_thresh`, {suspend_thresh}")));
    }
    Ok((suspend_thresh, Some(resume_thresh)))
}

/// The lower and the upper end of a band.
fn band(options: &Options<'_>) -> Result<(Value, Value), YamlError> {
    let (bottom_node, top_node) = (options.required("band_bottom")?, options.required("band_top")?);
    let (bottom, top) = (options.number(bottom_node)?, options.number(top_node)?);
    if bottom_node.expect_number("a number")? < top_node.expect_number("a number")? {
        return Ok((bottom, top));
    }
    Err(top_node.unexpected(format!("a number above `band_bottom`, {bottom}")))
}
