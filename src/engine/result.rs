//! [`RunEngineResult`]: what came of a call.

use super::{EngineWarning, ExitStatus, FailedAt};
use crate::message::PlanError;
use crate::value::{Text, Value};

/// What came of a call of the engine (`bluesky.run_engine.RunEngineResult`, 1.15.1).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunEngineResult {
    /// The uids of the runs that were opened, in order.
    pub run_start_uids: Vec<Text>,
    /// What the plan returned; nothing if it did not come to its end.
    pub plan_result: Option<Value>,
    /// How the call ended.
    pub exit_status: ExitStatus,
    /// Whether the plan was paused, or ended from outside. Then bluesky raises `RunEngineInterrupted`.
    pub interrupted: bool,
    /// Why; empty where there is nothing to say.
    pub reason: Text,
    /// What came out of the plan, where that was an error. A plan that asked for its end has none.
    pub exception: Option<PlanError>,
    /// Where the plan was when it failed.
    pub failed_at: Option<FailedAt>,
    /// What went wrong while the engine cleaned up; it cleaned up all else nevertheless.
    pub cleanup_errors: Vec<Text>,
    /// What went well, and may not be meant.
    pub warnings: Vec<EngineWarning>,
}

impl RunEngineResult {
    /// What comes of a call that failed before it began.
    pub(crate) fn failed(error: PlanError) -> Self {
        Self {
            run_start_uids: Vec::new(),
            plan_result: None,
            exit_status: ExitStatus::Fail,
            interrupted: false,
            reason: error.reason(),
            exception: Some(error),
            failed_at: None,
            cleanup_errors: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
