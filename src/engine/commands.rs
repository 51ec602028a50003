//! The commands that an engine knows: bluesky's, and those that the user registers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

use super::RunEngine;
use super::attending::without_panic;
use crate::message::{BLUESKY_COMMANDS, Msg, PlanError, Response};
use crate::value::Text;

type Executing = Pin<Box<dyn Future<Output = Result<Response, PlanError>> + Send>>;
type Executor = Arc<dyn Fn(Msg) -> Executing + Send + Sync>;

/// The commands that an engine knows, as far as they are not just bluesky's.
#[derive(Default)]
pub(super) struct Commands {
    registered: BTreeMap<Text, Executor>,
    /// Those of bluesky that were unregistered.
    removed: BTreeSet<&'static str>,
}

impl Commands {
    /// Whether they are not just bluesky's.
    #[inline]
    pub(super) fn are_changed(&self) -> bool {
        !self.registered.is_empty() || !self.removed.is_empty()
    }
}

impl RunEngine {
    /// Executes messages of a command by a function of one's own (`RE.register_command`, bluesky 1.15.1): a new command,
    /// or another execution of one of bluesky's.
    ///
    /// ```
    /// use skyspan::message::{GenericMsg, Response};
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// lab.with_engine(|engine| {
    ///     engine.register_command("greet", async |msg| Ok(Response::Value(format!("hello {}", msg.args()[0]).into())));
    /// });
    /// let run = lab.run(plan(async |p| {
    ///     let greet = GenericMsg { command: "greet".into(), args: vec!["you".into()], ..GenericMsg::default() };
    ///     match p.msg(greet.into_msg(Value::Null)).await? {
    ///         Response::Value(answer) => Ok(answer),
    ///         _ => Err(plan_error!("no answer")),
    ///     }
    /// }));
    /// assert_eq!(run.plan_result(), Some(&"hello 'you'".into()));
    /// ```
    pub fn register_command<F, Fut>(&mut self, name: impl Into<Text>, execute: F)
    where
        F: Fn(Msg) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, PlanError>> + Send + 'static,
    {
        self.commands.registered.insert(name.into(), Arc::new(move |msg| Box::pin(execute(msg))));
    }

    /// Forgets a command, one of bluesky's or a registered one (`RE.unregister_command`). Messages of it are then answered
    /// with [`InvalidCommand`](PlanError::InvalidCommand).
    ///
    /// # Errors
    ///
    /// A `KeyError` if there is no such command.
    pub fn unregister_command(&mut self, name: &str) -> Result<(), PlanError> {
        let was_registered = self.commands.registered.remove(name).is_some();
        let of_bluesky = BLUESKY_COMMANDS.into_iter().find(|command| *command == name);
        match of_bluesky {
            Some(command) if self.commands.removed.insert(command) || was_registered => Ok(()),
            None if was_registered => Ok(()),
            _ => Err(PlanError::key(name)),
        }
    }

    /// The commands that it knows, in alphabetical order (`RE.commands`).
    #[must_use]
    pub fn commands(&self) -> Vec<Text> {
        let of_bluesky = BLUESKY_COMMANDS.into_iter().filter(|command| !self.commands.removed.contains(command));
        let all: BTreeSet<Text> =
            of_bluesky.map(Text::literal).chain(self.commands.registered.keys().cloned()).collect();
        all.into_iter().collect()
    }

    /// The commands that it knows, a line for each, with what it does where `verbose` (`RE.print_command_registry`).
    #[must_use]
    pub fn command_registry(&self, verbose: bool) -> String {
        let mut registry = "List of available commands\n".to_owned();
        for command in self.commands() {
            let what = match (verbose, self.commands.registered.contains_key(&command)) {
                (false, _) => String::new(),
                (true, true) => "  (registered)".to_owned(),
                (true, false) => format!("  {}", what_it_does(&command)),
            };
            // Writing to a string does not fail.
            let _ = writeln!(registry, "{command}{what}");
        }
        registry
    }

    /// Executes a message whose command the user has registered or unregistered; nothing for all others.
    pub(super) async fn execute_registered(&mut self, msg: &Msg) -> Option<Result<Response, PlanError>> {
        let name = msg.command();
        if let Some(executor) = self.commands.registered.get(name) {
            let executing = Arc::clone(executor);
            let name: Text = name.into();
            let what = move || Text::from(format!("the registered command `{name}`"));
            let told = what.clone();
            let executing = pin!(async { self.or_deadlock(told, executing(msg.clone())).await? });
            return Some(without_panic(what, executing).await);
        }
        self.commands.removed.contains(name).then(|| Err(PlanError::InvalidCommand { command: name.into() }))
    }
}

fn what_it_does(command: &str) -> &'static str {
    match command {
        "RE_class" => "tells the type of the engine",
        "_resume_from_suspender" => "the engine's own: ends a suspension",
        "_start_suspender" => "the engine's own: begins a suspension",
        "checkpoint" => "what came before is not replayed after a pause",
        "clear_checkpoint" => "from here on there is no way back",
        "close_run" => "closes a run and emits its stop document",
        "collect" => "emits the data that flyers have gathered",
        "complete" => "tells a flyer to come to its end",
        "configure" => "configures a device",
        "create" => "begins a bundle of readings that will be one event",
        "declare_stream" => "describes a stream before its first event",
        "drop" => "ends the bundle without an event",
        "input" => "asks the user for a line",
        "install_suspender" => "installs a suspender",
        "kickoff" => "starts a flyer",
        "locate" => "asks devices where they are",
        "monitor" => "emits an event for every change of a device",
        "null" => "does nothing",
        "open_run" => "opens a run and emits its start document",
        "pause" => "pauses the engine, now or at the next checkpoint",
        "prepare" => "prepares a device for what is to come",
        "read" => "reads a device, into the bundle if there is one",
        "remove_suspender" => "removes a suspender",
        "rewindable" => "changes or tells whether messages are replayed",
        "save" => "ends the bundle with an event",
        "set" => "sets a device",
        "sleep" => "sleeps",
        "stage" => "prepares a device for the run",
        "stop" => "stops a device",
        "subscribe" => "subscribes to the documents until the end of the call",
        "trigger" => "triggers a device",
        "unmonitor" => "ends a monitor",
        "unstage" => "puts a device back",
        "unsubscribe" => "ends a subscription",
        "wait" => "waits for the statuses of a group",
        "wait_for" => "waits for anything that can be awaited",
        _ => "",
    }
}
