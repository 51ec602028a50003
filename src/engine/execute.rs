//! One message: its span, and which family of commands executes it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use opentelemetry::Context;

use super::RunEngine;
use super::attending::without_panic;
use super::spans::{set_failure, set_group_attribute, set_msg_attributes};
use crate::clock::LiveSpan;
use crate::message::{Command, Msg, PlanError, Response};
use crate::value::{Text, Value};

impl RunEngine {
    /// Executes a message that takes no time; gives nothing for one that may, or that the user has registered.
    #[inline]
    pub(super) fn execute_now(&mut self, msg: &Msg) -> Option<Result<Response, PlanError>> {
        if self.commands.are_changed() { None } else { self.execute_at_once(msg) }
    }

    #[inline]
    fn execute_at_once(&mut self, msg: &Msg) -> Option<Result<Response, PlanError>> {
        Some(match &msg.command {
            // To stage what cannot be staged gives nobody who took part.
            Command::Null if matches!(msg.command(), "stage" | "unstage") => Ok(Response::Devices(Vec::new())),
            Command::Null => Ok(Response::None),
            Command::Create { name } => self.create(&msg.run, name).map(|()| Response::None),
            Command::Drop => self.drop_bundle(&msg.run).map(|()| Response::None),
            Command::Save => self.save(&msg.run).map(|()| Response::None),
            Command::OpenRun { md } => self.open_run(msg, md).map(Response::Uid),
            Command::CloseRun(close) => {
                self.close_run(&msg.run, close.exit_status.as_ref(), close.reason.as_ref()).map(Response::Uid)
            }
            Command::Checkpoint if !self.control.deferred_pause_requested() => {
                self.checkpoint().map(|()| Response::None)
            }
            Command::ClearCheckpoint => Ok(self.clear_checkpoint()),
            Command::Rewindable { rewindable } => Ok(self.set_rewindable(*rewindable)),
            Command::ReClass => Ok(Response::Value(Value::literal("RunEngine"))),
            Command::Pause { defer } => self.request_pause(defer.unwrap_or(false)),
            Command::Set(_)
            | Command::Trigger { .. }
            | Command::Unmonitor { .. }
            | Command::Prepare(_)
            | Command::Kickoff(_)
            | Command::Complete(_)
            | Command::Subscribe(_)
            | Command::Unsubscribe { .. }
            | Command::InstallSuspender { .. }
            | Command::RemoveSuspender { .. }
            | Command::Custom(_)
            | Command::Refused(_) => self.execute_in_span(msg),
            _ => return None,
        })
    }

    /// Executes a message, in its span if it leaves one.
    pub(super) async fn execute(&mut self, msg: &Msg) -> Result<Response, PlanError> {
        if self.commands.are_changed() {
            if let Some(outcome) = Box::pin(self.execute_registered(msg)).await {
                return outcome;
            }
            if let Some(outcome) = self.execute_at_once(msg) {
                return outcome;
            }
        }
        match &msg.command {
            Command::Wait(_) | Command::Read { .. } | Command::Sleep { .. } => {
                let (mut span, parent) = self.start_msg_span(msg)?;
                let executing = pin!(self.execute_often(msg, &parent));
                let outcome = without_panic(|| panicking(msg), executing).await;
                end_msg_span(&mut span, outcome)
            }
            // What is seldom and needs much room is put elsewhere.
            _ => Box::pin(self.execute_seldom(msg)).await,
        }
    }

    /// Executes what takes no time, though it may start something.
    fn execute_in_span(&mut self, msg: &Msg) -> Result<Response, PlanError> {
        let (mut span, parent) = self.start_msg_span(msg)?;
        let parent = &parent;
        let executed = catch_unwind(AssertUnwindSafe(|| match &msg.command {
            Command::Set(call) => self.set(call, parent),
            Command::Trigger { obj, group } => self.trigger(obj, group.as_ref(), parent),
            Command::Unmonitor { obj } => self.unmonitor(&msg.run, obj),
            Command::Prepare(call) => self.prepare(call, parent),
            Command::Kickoff(call) => self.kickoff(&msg.run, call, parent),
            Command::Complete(call) => self.complete(call, parent),
            Command::Subscribe(subscribe) => self.subscribe_for_call(subscribe),
            Command::Unsubscribe { token } => self.unsubscribe_for_call(token),
            Command::InstallSuspender { suspender } => self.install_suspender_of(suspender),
            Command::RemoveSuspender { suspender } => Ok(self.remove_suspender_of(suspender)),
            Command::Refused(refused) => Err(self.refusal(&msg.run, refused)),
            _ => Err(PlanError::InvalidCommand { command: msg.command().into() }),
        }));
        let outcome = executed.unwrap_or_else(|panic| Err(PlanError::of_panic(panicking(msg), &*panic)));
        end_msg_span(&mut span, outcome)
    }

    /// Executes what may take time, and comes at every point of a scan.
    async fn execute_often(&mut self, msg: &Msg, parent: &Context) -> Result<Response, PlanError> {
        match &msg.command {
            Command::Wait(wait) => self.wait(wait).await.map(|done| Response::Value(done.into())),
            Command::Read { obj } => self.read(&msg.run, obj, parent).await.map(Response::Readings),
            Command::Sleep { duration_s } => self.sleep(*duration_s).await.map(|()| Response::None),
            _ => Ok(Response::None),
        }
    }

    async fn execute_seldom(&mut self, msg: &Msg) -> Result<Response, PlanError> {
        let (mut span, parent) = self.start_msg_span(msg)?;
        let parent = &parent;
        let executing = pin!(async {
            match &msg.command {
                Command::Checkpoint => self.deferred_checkpoint().await,
                Command::DeclareStream(declared) => self.declare_stream(&msg.run, declared, parent).await,
                Command::Monitor(monitor) => self.monitor(&msg.run, monitor, parent).await,
                Command::Collect(collect) => self.collect(&msg.run, collect, parent).await,
                Command::Configure(configure) => self.configure(&msg.run, configure, parent).await,
                Command::WaitFor(wait) => self.wait_for(wait).await,
                Command::Stage { obj, group } => self.stage(obj, group.as_ref(), parent).await,
                Command::Unstage { obj, group } => self.unstage(obj, group.as_ref(), parent).await,
                Command::Stop { obj } => self.stop_device(obj, parent).await,
                Command::Locate(locate) => self.locate(locate, parent).await,
                Command::StartSuspender(start) => self.start_suspender(start).await,
                Command::ResumeFromSuspender => self.resume_from_suspender().await,
                Command::Input { prompt } => self.input(prompt.as_ref()).await,
                // The others are executed elsewhere.
                _ => Ok(Response::None),
            }
        });
        let outcome = without_panic(|| panicking(msg), executing).await;
        end_msg_span(&mut span, outcome)
    }

    /// The span of a message, and the context in which its device is called.
    fn start_msg_span(&self, msg: &Msg) -> Result<(LiveSpan, Context), PlanError> {
        if self.env.tracer.is_off() {
            return Ok((LiveSpan::off(), Context::new()));
        }
        // A device is asked for its `repr`, and may panic.
        catch_unwind(AssertUnwindSafe(|| self.start_recorded_span(msg)))
            .map_err(|panic| PlanError::of_panic(panicking(msg), &*panic))
    }

    fn start_recorded_span(&self, msg: &Msg) -> (LiveSpan, Context) {
        let parent = self.env.parent(&msg.run);
        let Some(name) = self.convention.span_name(msg.command()) else { return (LiveSpan::off(), parent) };
        let mut span = self.env.tracer.start(name, &parent);
        set_msg_attributes(&mut span, msg);
        if let Command::Wait(wait) = &msg.command {
            set_group_attribute(&mut span, &wait.group);
            // Nothing is started under the span of a wait.
            return (span, parent);
        }
        let context = if span.is_recording() { span.context() } else { parent };
        (span, context)
    }
}

/// What panics, where the execution of a message does.
fn panicking(msg: &Msg) -> Text {
    format!("the execution of `{}`", msg.command()).into()
}

fn end_msg_span(span: &mut LiveSpan, outcome: Result<Response, PlanError>) -> Result<Response, PlanError> {
    match &outcome {
        // What was interrupted has not failed.
        Ok(_) | Err(PlanError::Cancelled) => {}
        Err(error) => set_failure(span, error),
    }
    outcome
}
