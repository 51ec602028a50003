//! The plan stubs that programs know, in one table: those of `bluesky.plan_stubs`, 1.15.1.

use super::named::{Drawn, NamedPlan, named};
use super::rust_stubs as rust;
use super::{flying, messages, moving, stepping};
use crate::message::Command;
use crate::program::parameter::{Parameter, Takes, optional, others, required, rest};

const OBJ: Parameter = required("obj", Takes::Device, "which device");
const GROUP: Parameter = optional("group", Takes::Group, "null", "the group in which it can be waited for");
const GROUP_BY_NAME: Parameter = GROUP.by_keyword();
const WAIT: Parameter = optional("wait", Takes::Bool, "false", "whether it is waited for").by_keyword();
const TO_DEVICE: Parameter = others("kwargs", "what the device gets besides");
const VALUES: Parameter = rest("args", Takes::Value, "what the device gets");
const SECONDS: Parameter = optional("timeout", Takes::SecondsOrNull, "null", "how long it is waited for").by_keyword();
const REST_DEVICES: Parameter = rest("args", Takes::Devices, "which devices");
const DETECTORS: Parameter = required("detectors", Takes::Detectors, "what is read");
const TAKE_READING: Parameter =
    optional("take_reading", Takes::Function, "null", "a function, which programs have not");
const STEP: Parameter = required("step", Takes::Positions, "where the motors go");
const POS_CACHE: Parameter = required("pos_cache", Takes::Positions, "where they are");
const DELAY: Parameter = optional("delay", Takes::Delay, "0.0", "how long it is from one round to the next");

const NONE: &[Parameter] = &[];
const ONE: &[Parameter] = &[OBJ];
const STAGE: &[Parameter] = &[
    OBJ,
    GROUP_BY_NAME,
    optional("wait", Takes::BoolOrNull, "null", "whether it is waited for; null: where no group is given").by_keyword(),
];
const ALL: &[Parameter] = &[REST_DEVICES, GROUP_BY_NAME];
const SET: &[Parameter] = &[OBJ, VALUES, GROUP_BY_NAME, WAIT, TO_DEVICE];
const MOVES: &[Parameter] =
    &[rest("args", Takes::Moves, "which devices, and where to"), GROUP_BY_NAME, SECONDS, TO_DEVICE];
const FLIGHT: &[Parameter] = &[OBJ, GROUP_BY_NAME, WAIT, TO_DEVICE];
const KICKOFF_ALL: &[Parameter] = &[
    rest("args", Takes::Flyers, "which flyers"),
    GROUP_BY_NAME,
    optional("wait", Takes::Bool, "true", "whether it is waited for").by_keyword(),
    TO_DEVICE,
];
const COMPLETE_ALL: &[Parameter] = &[rest("args", Takes::Flyers, "which flyers"), GROUP_BY_NAME, WAIT, TO_DEVICE];
const TRIGGER: &[Parameter] = &[OBJ, GROUP_BY_NAME, WAIT];
const SUSPENDER: &[Parameter] = &[required("suspender", Takes::Suspender, "which suspender")];

/// The plan stubs, by name.
pub(crate) const STUBS: &[NamedPlan] = &[
    named("abs_set", SET, Drawn::Message("set"), "sets a device, and goes on at once", moving::abs_set, rust::abs_set),
    named(
        "broadcast_msg",
        &[
            required("command", Takes::Command, "which command"),
            required("objs", Takes::Devices, "which devices"),
            rest("args", Takes::Value, "its arguments"),
            others("kwargs", "its arguments by name"),
        ],
        Drawn::Still,
        "sends the same message about many devices",
        stepping::broadcast_msg,
        rust::broadcast,
    ),
    named(
        "caching_repeater",
        &[required("n", Takes::CountOrNull, "how many rounds"), required("plan", Takes::Steps, "what is done")],
        Drawn::Still,
        "does again and again the messages of a plan that was asked once",
        stepping::caching_repeater,
        rust::caching_repeater,
    ),
    named(
        "checkpoint",
        NONE,
        Drawn::Message("checkpoint"),
        "a place to go back to after a pause",
        |_| messages::simple(Command::Checkpoint),
        |of| rust::bare(of, "checkpoint"),
    ),
    named(
        "clear_checkpoint",
        NONE,
        Drawn::Message("clear_checkpoint"),
        "from here on nothing is done again after a pause",
        |_| messages::simple(Command::ClearCheckpoint),
        |of| rust::bare(of, "clear_checkpoint"),
    ),
    named(
        "close_run",
        &[
            optional("exit_status", Takes::TextOrNull, "null", "how it ended"),
            optional("reason", Takes::TextOrNull, "null", "why"),
        ],
        Drawn::Message("close_run"),
        "closes a run",
        messages::close_run,
        rust::close_run,
    ),
    named(
        "collect",
        &[
            OBJ,
            rest("args", Takes::Devices, "more of them"),
            optional("stream", Takes::Bool, "false", "whether events are streamed").by_keyword(),
            optional("return_payload", Takes::Bool, "true", "whether it gives what was collected").by_keyword(),
            optional("name", Takes::TextOrNull, "null", "the name of the stream").by_keyword(),
        ],
        Drawn::Message("collect"),
        "takes what a flyer has",
        flying::collect,
        rust::collect,
    ),
    named(
        "collect_while_completing",
        &[
            required("flyers", Takes::Flyers, "what flies"),
            required("dets", Takes::Detectors, "what is collected"),
            optional("flush_period", Takes::SecondsOrNull, "null", "how often"),
            optional("stream_name", Takes::TextOrNull, "null", "the name of the stream"),
            optional("watch", Takes::Groups, "null", "groups whose failure ends it"),
        ],
        Drawn::Loose,
        "completes flyers, and collects again and again meanwhile",
        flying::collect_while_completing,
        rust::collect_while_completing,
    ),
    named("complete", FLIGHT, Drawn::Message("complete"), "asks a flyer to come to its end", flying::complete, |of| {
        rust::in_group(of, "complete_in")
    }),
    named(
        "complete_all",
        COMPLETE_ALL,
        Drawn::Message("complete"),
        "asks flyers to come to their end",
        flying::complete_all,
        rust::complete_all,
    ),
    named(
        "configure",
        &[OBJ, VALUES, TO_DEVICE],
        Drawn::Message("configure"),
        "changes the configuration of a device",
        flying::configure,
        rust::configure,
    ),
    named(
        "create",
        &[optional("name", Takes::Stream, "primary", "the name of the stream")],
        Drawn::Message("create"),
        "begins an event",
        messages::create,
        rust::create,
    ),
    named(
        "declare_stream",
        &[
            REST_DEVICES,
            required("name", Takes::Stream, "the name of the stream").by_keyword(),
            optional("collect", Takes::Bool, "false", "whether the devices are collected").by_keyword(),
        ],
        Drawn::Message("declare_stream"),
        "says beforehand what a stream has",
        flying::declare_stream,
        rust::declare_stream,
    ),
    named(
        "deferred_pause",
        NONE,
        Drawn::Message("pause"),
        "pauses at the next checkpoint",
        |_| messages::pause(true),
        |of| rust::bare(of, "deferred_pause"),
    ),
    named(
        "drop",
        NONE,
        Drawn::Message("drop"),
        "drops an event that was begun",
        |_| messages::simple(Command::Drop),
        |of| rust::bare(of, "drop"),
    ),
    named(
        "input_plan",
        &[optional("prompt", Takes::Text, "\"\"", "what is asked")],
        Drawn::Still,
        "asks a person",
        messages::input_plan,
        rust::input_plan,
    ),
    named(
        "install_suspender",
        SUSPENDER,
        Drawn::Message("install_suspender"),
        "installs a suspender",
        |call| messages::suspender(call, |suspender| Command::InstallSuspender { suspender }),
        |of| rust::suspender(of, "install_suspender"),
    ),
    named("kickoff", FLIGHT, Drawn::Message("kickoff"), "lets a flyer begin", flying::kickoff, |of| {
        rust::in_group(of, "kickoff_in")
    }),
    named(
        "kickoff_all",
        KICKOFF_ALL,
        Drawn::Message("kickoff"),
        "lets flyers begin",
        flying::kickoff_all,
        rust::kickoff_all,
    ),
    named(
        "locate",
        &[
            rest("objs", Takes::Devices, "which devices"),
            optional("squeeze", Takes::Bool, "true", "whether one location stands alone").by_keyword(),
        ],
        Drawn::Loose,
        "asks devices where they are and where they were sent",
        messages::locate,
        rust::locate,
    ),
    named(
        "monitor",
        &[OBJ, optional("name", Takes::TextOrNull, "null", "the name of the stream").by_keyword(), TO_DEVICE],
        Drawn::Message("monitor"),
        "makes an event of each change",
        flying::monitor,
        rust::monitor,
    ),
    named("mov", MOVES, Drawn::Still, "`mv` by its former name", moving::mv, |of| rust::moved(of, "mv")),
    named(
        "move_per_step",
        &[STEP, POS_CACHE],
        Drawn::Still,
        "moves motors to the point of a scan",
        stepping::move_per_step,
        rust::move_per_step,
    ),
    named("movr", MOVES, Drawn::Still, "`mvr` by its former name", moving::mvr, |of| rust::moved(of, "mvr")),
    named("mv", MOVES, Drawn::Still, "moves devices, and waits until they are there", moving::mv, |of| {
        rust::moved(of, "mv")
    }),
    named("mvr", MOVES, Drawn::Still, "the same from where they are", moving::mvr, |of| rust::moved(of, "mvr")),
    named(
        "null",
        NONE,
        Drawn::Message("null"),
        "does nothing",
        |_| messages::simple(Command::Null),
        |of| rust::bare(of, "null"),
    ),
    named(
        "one_1d_step",
        &[
            DETECTORS,
            required("motor", Takes::Motor, "what is moved"),
            required("step", Takes::Value, "where to"),
            TAKE_READING,
        ],
        Drawn::Event,
        "moves a motor, and takes an event",
        stepping::one_1d_step,
        rust::one_1d_step,
    ),
    named(
        "one_nd_step",
        &[DETECTORS, STEP, POS_CACHE, TAKE_READING],
        Drawn::Event,
        "moves motors, and takes an event",
        stepping::one_nd_step,
        rust::one_nd_step,
    ),
    named("one_shot", &[DETECTORS, TAKE_READING], Drawn::Event, "takes an event", stepping::one_shot, rust::one_shot),
    named(
        "open_run",
        &[optional("md", Takes::MapOrNull, "null", "metadata for the start document")],
        Drawn::Message("open_run"),
        "opens a run",
        messages::open_run,
        rust::open_run,
    ),
    named(
        "pause",
        NONE,
        Drawn::Message("pause"),
        "pauses at once",
        |_| messages::pause(false),
        |of| rust::bare(of, "pause"),
    ),
    named(
        "prepare",
        &[OBJ, VALUES, GROUP_BY_NAME, WAIT, TO_DEVICE],
        Drawn::Loose,
        "prepares a device for what is to come",
        flying::prepare,
        rust::prepare,
    ),
    named(
        "rd",
        &[
            OBJ,
            optional("default_value", Takes::Function, "null", "without meaning, for the engine always answers")
                .by_keyword(),
        ],
        Drawn::Still,
        "gives the one value that a device reads",
        moving::rd,
        rust::rd,
    ),
    named("read", ONE, Drawn::Message("read"), "reads a device into an event", messages::read, |of| {
        rust::of_device(of, "read")
    }),
    named("rel_set", SET, Drawn::Still, "`abs_set` from where the device is", moving::rel_set, rust::rel_set),
    named(
        "remove_suspender",
        SUSPENDER,
        Drawn::Message("remove_suspender"),
        "removes a suspender",
        |call| messages::suspender(call, |suspender| Command::RemoveSuspender { suspender }),
        |of| rust::suspender(of, "remove_suspender"),
    ),
    named(
        "repeat",
        &[
            required("plan", Takes::Steps, "what is done"),
            optional("num", Takes::CountOrNull, "1", "how many rounds"),
            DELAY,
        ],
        Drawn::Still,
        "does steps again and again, from a checkpoint each",
        stepping::repeat,
        rust::repeat,
    ),
    named(
        "repeater",
        &[required("n", Takes::CountOrNull, "how many rounds"), required("gen_func", Takes::Steps, "what is done")],
        Drawn::Still,
        "does steps again and again",
        stepping::repeater,
        rust::repeater,
    ),
    named(
        "save",
        NONE,
        Drawn::Message("save"),
        "ends an event",
        |_| messages::simple(Command::Save),
        |of| rust::bare(of, "save"),
    ),
    named(
        "sleep",
        &[required("time", Takes::Seconds, "how long")],
        Drawn::Message("sleep"),
        "sleeps",
        messages::sleep,
        rust::sleep,
    ),
    named(
        "stage",
        STAGE,
        Drawn::Message("stage"),
        "stages a device",
        |call| messages::stage(call, async |p, obj, group, wait| p.stage_with(&obj, group, wait).await),
        |of| rust::of_device(of, "stage"),
    ),
    named(
        "stage_all",
        ALL,
        Drawn::Message("stage"),
        "stages devices, and waits for them",
        |call| moving::stage_all(call, async |p, devices, group| p.stage_all_in(&devices, group).await),
        |of| rust::all_devices(of, "stage_all"),
    ),
    named("stop", ONE, Drawn::Message("stop"), "stops a device", messages::stop, |of| rust::of_device(of, "stop")),
    named(
        "subscribe",
        &[required("name", Takes::Text, "which documents"), required("func", Takes::Callback, "who gets them")],
        Drawn::Message("subscribe"),
        "subscribes a callback",
        messages::subscribe,
        rust::subscribe,
    ),
    named(
        "trigger",
        TRIGGER,
        Drawn::Message("trigger"),
        "triggers a device, and goes on at once",
        moving::trigger,
        rust::trigger,
    ),
    named(
        "trigger_and_read",
        &[
            required("devices", Takes::Devices, "what is read"),
            optional("name", Takes::Stream, "primary", "the name of the stream"),
        ],
        Drawn::Event,
        "triggers devices, waits for them, and reads them into an event",
        moving::trigger_and_read,
        rust::trigger_and_read,
    ),
    named("unmonitor", ONE, Drawn::Message("unmonitor"), "makes no more events of changes", flying::unmonitor, |of| {
        rust::of_device(of, "unmonitor")
    }),
    named(
        "unstage",
        STAGE,
        Drawn::Message("unstage"),
        "unstages a device",
        |call| messages::stage(call, async |p, obj, group, wait| p.unstage_with(&obj, group, wait).await),
        |of| rust::of_device(of, "unstage"),
    ),
    named(
        "unstage_all",
        ALL,
        Drawn::Message("unstage"),
        "unstages devices, and waits for them",
        |call| moving::stage_all(call, async |p, devices, group| p.unstage_all_in(&devices, group).await),
        |of| rust::all_devices(of, "unstage_all"),
    ),
    named(
        "unsubscribe",
        &[required("token", Takes::CallbackOrToken, "whose subscription ends")],
        Drawn::Message("unsubscribe"),
        "unsubscribes a callback",
        messages::unsubscribe,
        rust::unsubscribe,
    ),
    named(
        "wait",
        &[
            optional("group", Takes::Group, "null", "for what"),
            SECONDS,
            optional("error_on_timeout", Takes::Bool, "true", "whether it fails if that takes too long").by_keyword(),
            optional("watch", Takes::Groups, "[]", "groups whose failure ends it").by_keyword(),
        ],
        Drawn::Message("wait"),
        "waits for a group",
        messages::wait,
        rust::wait,
    ),
    named(
        "wait_for",
        &[required("futures", Takes::Awaitables, "what is waited for"), SECONDS],
        Drawn::Still,
        "waits for what ends after a time",
        messages::wait_for,
        rust::wait_for,
    ),
];
