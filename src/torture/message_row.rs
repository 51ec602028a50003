//! [`MessageRow`]: a message of the undisturbed run, and what can happen at it.

use std::fmt::Write as _;
use std::time::Duration;

use super::{CaseId, TortureError, Trouble};
use crate::device::Device;
use crate::hardware::{Fault, Method};
use crate::message::{Command, Msg};
use crate::value::{Text, Value};
use skyspan_trace::internal::{cut_to, nanoseconds, one_line};

/// A message of the undisturbed run: a row of the [map](super::TortureMap).
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct MessageRow {
    /// Its number, counted from 1 over all items.
    pub number: u64,
    /// The item whose message it is, counted from 0.
    pub item: usize,
    /// Its number in its item, counted from 1.
    pub message: usize,
    /// Its command.
    pub command: Text,
    /// The device that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Text>,
    /// The message for people: `set stage 3.0`.
    pub text: Text,
    /// The part of the plan in which it is: the innermost span that is open and of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Text>,
    /// How long it took.
    #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
    pub duration: Duration,
    /// What it calls of its device, if that may go wrong.
    #[serde(skip)]
    pub(super) method: Option<Method>,
    /// How long the status took that it gave, where it gives one.
    #[serde(skip)]
    pub(super) status: Option<Option<Duration>>,
    /// Where a device is set to.
    #[serde(skip)]
    pub(super) target: Option<Value>,
    #[serde(skip)]
    pub(super) documents_before: u64,
    /// How many of the item's answers to pauses were given before it.
    #[serde(skip)]
    pub(super) answers_before: usize,
    /// Whether it emits a document.
    #[serde(skip)]
    pub(super) emits: bool,
    #[serde(skip)]
    pub(super) has_ended: bool,
}

/// So long a message is for people.
const TEXT_MAX: usize = 80;

/// How long a device is lost: for good.
const FOR_GOOD: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What the errors say of devices and subscribers that fail.
pub(super) const MESSAGE: &str = "injected fault";

impl MessageRow {
    /// A message that is about to be executed: its number, that of its item, and that in its item.
    pub(super) fn of(msg: &Msg, (number, item, message): (u64, usize, usize), section: Option<Text>) -> Self {
        let device = msg.command.device();
        let method = device.and_then(|device| method_of(&msg.command, device));
        let target = match &msg.command {
            Command::Set(call) => call.args.positional.first().cloned(),
            _ => None,
        };
        Self {
            number,
            item,
            message,
            command: msg.command().into(),
            device: device.map(|device| device.name().clone()),
            text: text_of(msg),
            section,
            duration: Duration::ZERO,
            method,
            status: method.filter(|method| gives_status(*method)).map(|_| None),
            target,
            documents_before: 0,
            answers_before: 0,
            emits: false,
            has_ended: false,
        }
    }

    /// Whether a trouble can happen at it; if not, why not.
    pub(super) fn can_have(&self, trouble: Trouble) -> Result<(), &'static str> {
        match trouble {
            Trouble::Fails | Trouble::Lost if self.method.is_none() => Err("it asks nothing of a device"),
            Trouble::Hangs | Trouble::Late if self.status.is_none() => Err("it gives no status"),
            Trouble::Callback if !self.emits => Err("it emits no document"),
            _ => Ok(()),
        }
    }

    /// The error for a case of what cannot happen here.
    pub(super) fn check(&self, trouble: Trouble, case: &CaseId) -> Result<(), TortureError> {
        self.can_have(trouble).map_err(|why| TortureError::CannotHappen {
            case: case.clone(),
            trouble,
            message: self.number,
            text: self.text.clone(),
            why,
        })
    }

    /// How long after it has begun it is interrupted: halfway, if it takes time.
    pub(super) fn halfway(&self) -> Option<Duration> {
        Some(self.duration / 2).filter(|half| !half.is_zero())
    }

    /// What goes wrong with its device, at the nth call of the method; nothing where that is not what goes wrong.
    pub(super) fn fault(&self, trouble: Trouble, nth: u64, late_by: Duration) -> Option<Fault> {
        let at = Fault::on(self.method?, nth);
        Some(match (trouble, self.status) {
            (Trouble::Fails, Some(took)) => at.fails_after(took.unwrap_or_default() / 2, MESSAGE),
            (Trouble::Fails, None) => at.raises(MESSAGE),
            (Trouble::Hangs, _) => at.hangs(),
            (Trouble::Late, _) => at.late_by(late_by),
            (Trouble::Lost, _) => at.disconnects_for(FOR_GOOD),
            _ => return None,
        })
    }
}

/// What a command calls of its device first, where that can go wrong.
fn method_of(command: &Command, device: &Device) -> Option<Method> {
    let methods: &[Method] = match command {
        Command::Set(_) => &[Method::Set],
        Command::Trigger { .. } => &[Method::Trigger],
        Command::Read { .. } => &[Method::Read],
        Command::Stage { .. } => &[Method::Stage],
        Command::Unstage { .. } => &[Method::Unstage],
        Command::Stop { .. } => &[Method::Stop],
        Command::Prepare(_) => &[Method::Prepare],
        Command::Kickoff(_) => &[Method::Kickoff],
        Command::Complete(_) => &[Method::Complete],
        Command::Configure(_) => &[Method::Configure],
        Command::Locate(_) => &[Method::Locate],
        Command::Collect(_) => &[Method::CollectAssetDocs, Method::CollectPages, Method::Collect],
        _ => &[],
    };
    methods.iter().copied().find(|method| Fault::on(*method, 1).hangs().can_come_to(device))
}

const fn gives_status(method: Method) -> bool {
    matches!(method, Method::Set | Method::Trigger | Method::Prepare | Method::Kickoff | Method::Complete)
}

/// A message for people. Groups and runs say nothing to them.
fn text_of(msg: &Msg) -> Text {
    let mut text = msg.command().to_owned();
    if let Some(obj) = msg.obj() {
        let _ = write!(text, " {obj}");
    }
    if !matches!(msg.command, Command::WaitFor(_) | Command::StartSuspender(_) | Command::Custom(_)) {
        for arg in msg.args().iter().map(ToString::to_string).filter(|arg| arg != "None") {
            let _ = write!(text, " {arg}");
        }
    }
    if let Some((_, name)) = msg.kwargs().into_iter().find(|(key, _)| key == "name") {
        let _ = write!(text, " {}", name.to_string().trim_matches(['\'', '"']));
    }
    cut_to(&one_line(&text), TEXT_MAX).as_ref().into()
}
