//! One message: its span, and which family of commands executes it.

use opentelemetry::Context;

use super::RunEngine;
use super::spans::{set_failure, set_group_attribute, set_msg_attributes};
use crate::message::{Command, Msg, PlanError, Response};
use crate::trace::LiveSpan;

impl RunEngine {
    /// Executes a message, in its span if it leaves one.
    pub(super) async fn execute(&mut self, msg: &Msg) -> Result<Response, PlanError> {
        match &msg.command {
            // Most messages neither take time nor leave a span.
            Command::Null => Ok(Response::None),
            Command::Checkpoint => self.checkpoint().map(|()| Response::None),
            Command::Create { name } => self.create(&msg.run, name).map(|()| Response::None),
            Command::Drop => self.drop_bundle(&msg.run).map(|()| Response::None),
            Command::Save => self.save(&msg.run).map(|()| Response::None),
            Command::OpenRun { md } => self.open_run(msg, md).map(Response::Uid),
            Command::CloseRun { exit_status, reason } => {
                self.close_run(&msg.run, exit_status.as_ref(), reason.as_ref()).map(Response::Uid)
            }
            Command::Custom(generic) => Err(PlanError::InvalidCommand { command: generic.command.clone() }),
            Command::Set { .. }
            | Command::Trigger { .. }
            | Command::Wait(_)
            | Command::Read { .. }
            | Command::Sleep { .. }
            | Command::Stage { .. }
            | Command::Unstage { .. }
            | Command::Refused(_) => {
                let (mut span, parent) = self.start_msg_span(msg);
                let outcome = self.execute_in(msg, &parent).await;
                if let Err(error) = &outcome {
                    set_failure(&mut span, error);
                }
                outcome
            }
        }
    }

    /// The span of a message, and the context in which its device is called.
    fn start_msg_span(&self, msg: &Msg) -> (LiveSpan, Context) {
        if self.env.tracer.is_off() {
            return (LiveSpan::off(), Context::new());
        }
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

    async fn execute_in(&mut self, msg: &Msg, parent: &Context) -> Result<Response, PlanError> {
        match &msg.command {
            Command::Set { obj, args, group } => self.set(obj, args, group.as_ref(), parent),
            Command::Trigger { obj, group } => self.trigger(obj, group.as_ref(), parent),
            Command::Wait(wait) => self.wait(wait).await.map(|done| Response::Value(done.into())),
            Command::Read { obj } => self.read(&msg.run, obj, parent).await.map(Response::Readings),
            Command::Sleep { duration_s } => self.sleep(*duration_s).await.map(|()| Response::None),
            Command::Stage { obj, group } => self.stage(obj, group.as_ref(), parent),
            Command::Unstage { obj, group } => self.unstage(obj, group.as_ref(), parent),
            Command::Refused(refused) => Err(refused.1.clone()),
            // The others are executed without a span.
            _ => Ok(Response::None),
        }
    }
}
