//! [`Wrapper`]: the preprocessors that programs know, in one table. Whatever is to be known of one stands here.

use std::sync::Arc;

use super::wrapping::Wrapping;
use crate::message::Object;
use crate::plan::Plan;
use crate::plan::preprocessors as pre;
use crate::program::op::{Around, Body};
use crate::program::parameter::{Parameter, Takes, optional, required};
use crate::program::rust_words::{RustCall, subs};
use crate::program::subscribers::read_subs;
use crate::value::Text;
use crate::value::yaml::YamlError;

/// A preprocessor that programs know.
#[non_exhaustive]
pub struct Wrapper {
    /// Its name in programs; that in bluesky ends with `_wrapper`, but for a few.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// What it takes besides the body.
    pub options: &'static [Parameter],
    /// Puts it around a body.
    pub(in crate::program) make: fn(&Wrapping<'_>) -> Result<Around, YamlError>,
    /// As Rust code: the call in `preprocessors`, around `inner`.
    pub(in crate::program) rust: fn(&RustCall<'_>) -> Option<String>,
    /// Where a search may put it.
    #[cfg_attr(not(feature = "property"), expect(dead_code, reason = "only a search draws plans"))]
    pub(crate) drawn: DrawnWrapper,
}

/// Where a search may put a preprocessor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DrawnWrapper {
    /// Around any body that leaves all as it has found it.
    Anywhere,
    /// Where the search knows that it may stand: an operation of its own puts it there.
    Placed,
    /// Among messages that may be wrong alone, for what is in it does not come about.
    Loose,
}

const DEVICES: Parameter = required("devices", Takes::Devices, "which devices");
const SOME_DEVICES: Parameter = optional("devices", Takes::DevicesOrNull, "null", "which devices; all, if null");
const PAUSE: Parameter = optional("pause_for_debug", Takes::Bool, "false", "whether a failing plan is paused first");

/// The preprocessors, in the order in which they are listed.
pub(crate) const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        name: "run",
        about: "opens a run before the body, and closes it after it",
        options: &[optional("md", Takes::MapOrNull, "null", "metadata for the start document")],
        make: |of| {
            let given = of.call.given("md");
            let md = given.map_or_else(|| Ok(crate::value::Map::new()), |node| node.to_map("a map as metadata"))?;
            around(move |body| pre::run_wrapper(body, md.clone()))
        },
        rust: |of| Some(format!("run_wrapper(inner, {})", of.map("md")?)),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "stage",
        about: "stages devices before the body, and unstages them after it",
        options: &[DEVICES],
        make: |of| {
            let devices = of.call.devices("devices")?;
            around(move |body| pre::stage_wrapper(body, devices.clone()))
        },
        rust: |of| Some(format!("stage_wrapper(inner, {})", of.handles("devices")?)),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "lazily_stage",
        about: "stages each device when it is first used, and unstages all in the end",
        options: &[],
        make: |_| around(pre::lazily_stage_wrapper),
        rust: |_| Some("lazily_stage_wrapper(inner)".to_owned()),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "baseline",
        about: "reads devices into the stream `baseline` at the begin and at the end of each run",
        options: &[DEVICES],
        make: |of| {
            let devices = of.call.devices("devices")?;
            around(move |body| pre::baseline_wrapper(body, devices.clone(), Text::literal("baseline")))
        },
        rust: |of| Some(format!("baseline_wrapper(inner, {}, \"baseline\")", of.handles("devices")?)),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "monitor_during",
        about: "monitors devices during each run",
        options: &[DEVICES],
        make: |of| {
            let devices = of.call.devices("devices")?;
            around(move |body| pre::monitor_during_wrapper(body, devices.clone()))
        },
        rust: |of| Some(format!("monitor_during_wrapper(inner, {})", of.handles("devices")?)),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "fly_during",
        about: "lets flyers fly during each run",
        options: &[required("devices", Takes::Flyers, "which flyers")],
        make: |of| {
            let devices = of.call.devices("devices")?;
            around(move |body| pre::fly_during_wrapper(body, devices.clone()))
        },
        rust: |of| Some(format!("fly_during_wrapper(inner, {})", of.handles("devices")?)),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "supplemental_data",
        about: "the last three at once, as `bluesky.preprocessors.SupplementalData`",
        options: &[
            optional("baseline", Takes::Devices, "[]", "what is read at the begin and the end of each run"),
            optional("monitors", Takes::Devices, "[]", "what is monitored during each run"),
            optional("flyers", Takes::Flyers, "[]", "what flies during each run"),
        ],
        make: |of| {
            let (baseline, monitors, flyers) = (of.listed("baseline")?, of.listed("monitors")?, of.listed("flyers")?);
            let data = pre::SupplementalData { baseline, monitors, flyers };
            around(move |body| data.clone().around(body))
        },
        rust: |of| {
            let list = |name| {
                of.get(name).map_or_else(|| Some("vec![]".to_owned()), |_| Some(format!("vec!{}", of.handles(name)?)))
            };
            let (baseline, monitors, flyers) = (list("baseline")?, list("monitors")?, list("flyers")?);
            Some(format!(
                "SupplementalData {{ baseline: {baseline}, monitors: {monitors}, flyers: {flyers} }}.around(inner)"
            ))
        },
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "relative_set",
        about: "adds to what is set where the device is at first",
        options: &[SOME_DEVICES],
        make: |of| {
            let devices = of.some_devices("devices")?;
            around(move |body| pre::relative_set_wrapper(body, devices.clone()))
        },
        rust: |of| Some(format!("relative_set_wrapper(inner, {})", of.some_handles("devices")?)),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "reset_positions",
        about: "moves devices back in the end to where they were at first",
        options: &[SOME_DEVICES],
        make: |of| {
            let devices = of.some_devices("devices")?;
            around(move |body| pre::reset_positions_wrapper(body, devices.clone()))
        },
        rust: |of| Some(format!("reset_positions_wrapper(inner, {})", of.some_handles("devices")?)),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "configure_count_time",
        about: "gives all detectors a count time for the body, and their own in the end",
        options: &[required("time", Takes::Value, "the count time; nothing is set, if null")],
        make: |of| {
            let time = of.call.scope.value(of.call.required("time")?)?;
            around(move |body| pre::configure_count_time_wrapper(body, time.clone()))
        },
        rust: |of| Some(format!("configure_count_time_wrapper(inner, {})", of.value("time")?)),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "rewindable",
        about: "says whether the body may be done again after a pause",
        options: &[required("rewindable", Takes::Bool, "whether it may")],
        make: |of| {
            let rewindable = of.call.required("rewindable")?.expect_bool("true or false")?;
            around(move |body| pre::rewindable_wrapper(body, rewindable))
        },
        rust: |of| Some(format!("rewindable_wrapper(inner, {})", of.value("rewindable")?)),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "inject_md",
        about: "adds metadata to each run that is opened",
        options: &[required("md", Takes::Map, "the metadata")],
        make: |of| {
            let md = of.call.required("md")?.to_map("a map as metadata")?;
            around(move |body| pre::inject_md_wrapper(body, md.clone()))
        },
        rust: |of| Some(format!("inject_md_wrapper(inner, {})", of.map("md")?)),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "set_run_key",
        about: "gives the messages that have no run key this one",
        options: &[required("run", Takes::RunKey, "the key")],
        make: |of| {
            let run = of.call.required("run")?.to_value()?;
            around(move |body| pre::set_run_key_wrapper(body, run.clone()))
        },
        rust: |of| Some(format!("set_run_key_wrapper(inner, {})", of.value("run")?)),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "stub",
        about: "leaves out the messages that open and close runs and stage devices",
        options: &[],
        make: |_| around(pre::stub_wrapper),
        rust: |_| Some("stub_wrapper(inner)".to_owned()),
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "subs",
        about: "subscribes callbacks for the body",
        options: &[required("subs", Takes::Subscribers, "the callbacks, as `subs` of an item has them")],
        make: |of| {
            let subscribers = of.call.scope.subscribers(&read_subs(of.call.required("subs")?)?)?;
            let subs = subscribers.iter().map(|(name, subscriber)| (*name, Object::from(subscriber)));
            let subs: Vec<_> = subs.collect();
            around(move |body| pre::subs_wrapper(body, subs.clone()))
        },
        rust: |of| Some(format!("subs_wrapper(inner, {})", subs(of.get("subs")?)?)),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "suspend",
        about: "installs suspenders for the body",
        options: &[required("suspenders", Takes::Suspenders, "which suspenders")],
        make: |of| {
            let suspenders = of.call.required("suspenders")?.expect_list("a list of suspenders")?;
            let suspenders = suspenders.iter().map(|node| of.call.scope.suspender(node));
            let suspenders = suspenders.collect::<Result<Vec<_>, _>>()?;
            around(move |body| pre::suspend_wrapper(body, suspenders.clone()))
        },
        rust: |of| Some(format!("suspend_wrapper(inner, {})", of.handles("suspenders")?)),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "finalize",
        about: "does steps in the end, however the body ends",
        options: &[required("final", Takes::Steps, "what is done in the end"), PAUSE],
        make: |of| {
            let (cleanup, pause) = (of.steps("final").unwrap_or_default(), of.call.flag("pause_for_debug", false)?);
            around(move |body| pre::finalize_wrapper(body, cleanup.plan()).pause_for_debug(pause))
        },
        rust: |of| {
            let pause = of.method("pause_for_debug", "pause_for_debug")?;
            Some(format!("finalize_wrapper(inner, {}){pause}", of.plan("final")?))
        },
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "contingency",
        about: "does steps where the body fails, where it does not, and in the end",
        options: &[
            optional("except", Takes::Steps, "null", "what is done where the body fails"),
            optional("else", Takes::Steps, "null", "what is done where it does not"),
            optional("final", Takes::Steps, "null", "what is done in the end"),
            PAUSE,
            optional("auto_raise", Takes::Bool, "true", "whether the error is raised again"),
        ],
        make: |of| {
            let (except, otherwise, cleanup) = (of.steps("except"), of.steps("else"), of.steps("final"));
            let pause = of.call.flag("pause_for_debug", false)?;
            let auto_raise = of.call.flag("auto_raise", true)?;
            around(move |body| {
                let mut wrapper = pre::contingency_wrapper(body).pause_for_debug(pause).auto_raise(auto_raise);
                if let Some(except) = except.clone() {
                    wrapper = wrapper.except(move |_| except.plan());
                }
                if let Some(otherwise) = &otherwise {
                    wrapper = wrapper.otherwise(otherwise.plan());
                }
                if let Some(cleanup) = &cleanup {
                    wrapper = wrapper.finally(cleanup.plan());
                }
                wrapper
            })
        },
        rust: |of| {
            let except = of.plan("except").map(|plan| match plan {
                "on_error()" => format!(".except(move |_| {plan})"),
                plan => format!(".except(|_| {plan})"),
            });
            let except = except.unwrap_or_default();
            let otherwise = of.plan("else").map(|plan| format!(".otherwise({plan})")).unwrap_or_default();
            let cleanup = of.plan("final").map(|plan| format!(".finally({plan})")).unwrap_or_default();
            let pause = of.method("pause_for_debug", "pause_for_debug")?;
            let auto_raise = of.method("auto_raise", "auto_raise")?;
            Some(format!("contingency_wrapper(inner){except}{otherwise}{cleanup}{pause}{auto_raise}"))
        },
        drawn: DrawnWrapper::Placed,
    },
    Wrapper {
        name: "print_summary",
        about: "prints what the body does, and does none of it",
        options: &[],
        // Standard output is for the spans.
        make: |of| match of.call.scope.prints {
            true => around(|body| pre::print_summary_wrapper(body, std::io::stderr())),
            false => around(|body| pre::print_summary_wrapper(body, std::io::sink())),
        },
        rust: |_| Some("print_summary_wrapper(inner, std::io::stderr())".to_owned()),
        drawn: DrawnWrapper::Loose,
    },
    Wrapper {
        name: "pchain",
        about: "takes each node of the body as a plan of its own, and gives what they give",
        options: &[],
        make: |_| Ok(Arc::new(|body: &Body| pre::pchain(body.each()))),
        rust: |of| Some(format!("pchain([{}])", of.links().join(", "))),
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "msg_mutator",
        about: "leaves out messages, or puts one other in their place",
        options: &[
            optional("drop", Takes::Commands, "[]", "the commands whose messages are left out"),
            optional("replace", Takes::MessageByCommand, "{}", "the message that stands in the place of a command's"),
        ],
        make: |of| {
            let dropped = of.call.get("drop").map_or(Ok(&[][..]), |node| node.expect_list("a list of commands"))?;
            let drop: Vec<Text> = dropped.iter().filter_map(|node| Some(Text::from(node.as_str()?))).collect();
            let replace = of.by_command("replace");
            around(move |body| {
                let (drop, replace) = (drop.clone(), replace.clone());
                pre::msg_mutator(body, move |msg| {
                    let is_it = |command: &Text| command == msg.command();
                    if drop.iter().any(is_it) {
                        return None;
                    }
                    let other =
                        replace.iter().find(|(command, _)| is_it(command)).and_then(|(_, body)| body.first_msg());
                    Some(other.unwrap_or(msg))
                })
            })
        },
        rust: |of| {
            let dropped = match of.get("drop") {
                Some(node) => node.to_value().ok()?.as_array()?.to_vec(),
                None => Vec::new(),
            };
            let dropped =
                dropped.iter().map(|it| Some(format!("{:?}", it.as_str()?))).collect::<Option<Vec<String>>>()?;
            let replaced = of.plans_by_command("replace");
            match (dropped.as_slice(), replaced.as_slice()) {
                ([], []) => Some("msg_mutator(inner, Some)".to_owned()),
                (dropped, []) => {
                    let dropped = dropped.join(" | ");
                    Some(format!("msg_mutator(inner, |msg| (!matches!(&*msg.command(), {dropped})).then_some(msg))"))
                }
                (dropped, replaced) => {
                    let dropped =
                        if dropped.is_empty() { None } else { Some(format!("{} => None, ", dropped.join(" | "))) };
                    let replaced: String =
                        replaced.iter().map(|(command, make)| format!("{command:?} => Some({make}()), ")).collect();
                    let arms = format!("{}{replaced}_ => Some(msg)", dropped.unwrap_or_default());
                    Some(format!("msg_mutator(inner, move |msg| match &*msg.command() {{ {arms} }})"))
                }
            }
        },
        drawn: DrawnWrapper::Anywhere,
    },
    Wrapper {
        name: "plan_mutator",
        about: "puts steps before messages, after them, or in their place",
        options: &[
            optional("before", Takes::StepsByCommand, "{}", "what is done before a command's messages"),
            optional("instead", Takes::StepsByCommand, "{}", "what is done in their place"),
            optional("after", Takes::StepsByCommand, "{}", "what is done after them"),
        ],
        make: |of| {
            let all = ["before", "instead", "after"].map(|when| of.by_command(when));
            around(move |body| {
                let [before, instead, after] = all.clone();
                let mutator = pre::by_command(body);
                let mutator =
                    before.into_iter().fold(mutator, |it, (command, body)| it.before(command, move || body.plan()));
                let mutator =
                    instead.into_iter().fold(mutator, |it, (command, body)| it.instead(command, move || body.plan()));
                after.into_iter().fold(mutator, |it, (command, body)| it.after(command, move || body.plan()))
            })
        },
        rust: |of| {
            let of_option = |when: &'static str| {
                let plans = of.plans_by_command(when).into_iter();
                plans.map(move |(command, plan)| format!(".{when}({command:?}, {plan})")).collect::<String>()
            };
            Some(format!("by_command(inner){}{}{}", of_option("before"), of_option("instead"), of_option("after")))
        },
        drawn: DrawnWrapper::Anywhere,
    },
];

/// Puts around the plan of a body what `wrap` puts around a plan.
fn around<P: Into<Plan>>(wrap: impl Fn(Plan) -> P + Send + Sync + 'static) -> Result<Around, YamlError> {
    Ok(Arc::new(move |body: &Body| wrap(body.plan()).into()))
}

/// The preprocessor of that name.
pub(crate) fn wrapper(name: &str) -> Option<&'static Wrapper> {
    WRAPPERS.iter().find(|wrapper| wrapper.name == name)
}

impl std::fmt::Debug for Wrapper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
