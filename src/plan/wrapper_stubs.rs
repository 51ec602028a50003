//! What is put around a part of a plan: a run, staging, a span, a clean-up, subscribers, suspenders.

use super::{Stubs, separate_devices};
use crate::device::Device;
use crate::document::DocumentName;
use crate::message::{Arg, Command, GenericMsg, Object, PlanError, Response};
use crate::value::{IntoEntries, Text, Value};

/// What can be subscribed to around a part of a plan, in bluesky's order.
const SUBS_NAMES: [DocumentName; 5] =
    [DocumentName::All, DocumentName::Start, DocumentName::Stop, DocumentName::Event, DocumentName::Descriptor];

impl Stubs {
    /// A span around the messages of a part of the plan: `bluesky.tracing.trace_plan`.
    ///
    /// It fails with the part; where the plan is halted or dropped, it ends there.
    ///
    /// # Errors
    ///
    /// What came out of the part.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// let run = lab.run(plan(async move |p| p.trace("there", async |p| p.mv(&motor, 1).await).await));
    /// assert_eq!(run.trace().named("there").count(), 1);
    /// ```
    pub async fn trace<F, Fut, T>(&self, name: impl Into<Text>, body: F) -> Result<T, PlanError>
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = Result<T, PlanError>>,
    {
        let mut guard = self.env().start_span(name);
        let result = body(self.clone()).await;
        if let Err(error) = &result
            && !error.is_halt()
        {
            guard.span().fail(error.name(), &error.to_string());
        }
        result
    }

    /// A run around a part of the plan; gives the uid of the run, not what came of the part
    /// (`bluesky.preprocessors.run_wrapper`, 1.15.1).
    ///
    /// If the part fails, the run is closed with what happened, and the error goes on.
    ///
    /// # Errors
    ///
    /// What came out of the part.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.in_run(Map::new(), p.sleep(1.0)).await));
    /// assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["open_run", "sleep", "close_run"]);
    /// ```
    pub async fn in_run<T>(
        &self,
        md: impl IntoEntries,
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<Text, PlanError> {
        let uid = self.open_run(md).await?;
        if let Err(error) = body.await {
            match error.control_exit_status() {
                _ if error.is_halt() => return Err(error),
                Some(exit_status) => self.close_run_as(Value::literal(exit_status), Value::Null).await?,
                None => self.close_run_as(Value::literal("fail"), error.reason()).await?,
            };
            return Err(error);
        }
        self.close_run().await?;
        Ok(uid)
    }

    /// Stages devices before a part of the plan, and unstages them after it in reverse order
    /// (`bluesky.preprocessors.stage_wrapper`, 1.15.1). It is their root ancestors that are staged.
    ///
    /// # Errors
    ///
    /// What came out of the part, or of the staging.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let run = lab.run(plan(async move |p| p.staged(&[det], p.sleep(1.0)).await));
    /// assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["stage", "sleep", "unstage"]);
    /// ```
    pub async fn staged<T>(
        &self,
        devices: &[Device],
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<T, PlanError> {
        let devices = separate_devices(devices.iter().map(Device::root_ancestor));
        let staged = async {
            self.stage_all(&devices).await?;
            body.await
        };
        let unstage = async {
            let reversed: Vec<Device> = devices.iter().rev().cloned().collect();
            self.unstage_all(&reversed).await
        };
        self.finalize(staged, unstage).await
    }

    /// A clean-up after a part of the plan, however that ends; only where the plan is halted or dropped there is none
    /// (`bluesky.preprocessors.finalize_wrapper`, 1.15.1).
    ///
    /// # Errors
    ///
    /// What came out of the clean-up, else of the part.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// let moved = motor.clone();
    /// let run = lab.run(plan(async move |p| {
    ///     p.finalize(async { Err::<(), _>(plan_error!("no light")) }, p.mv(&moved, 1)).await
    /// }));
    /// assert_eq!((run.exit_status(), motor.position()), (Fail, Some(1.0.into())));
    /// ```
    pub async fn finalize<T, U>(
        &self,
        body: impl Future<Output = Result<T, PlanError>>,
        cleanup: impl Future<Output = Result<U, PlanError>>,
    ) -> Result<T, PlanError> {
        let result = body.await;
        if !matches!(&result, Err(error) if error.is_halt()) {
            cleanup.await?;
        }
        result
    }

    /// A part of the plan whose messages are replayed after a pause, or are not
    /// (`bluesky.preprocessors.rewindable_wrapper`, 1.15.1). In the end it is as before.
    ///
    /// # Errors
    ///
    /// What came out of the part.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.rewindable(false, p.sleep(1.0)).await));
    /// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
    /// assert_eq!(commands, ["rewindable", "rewindable", "sleep", "rewindable"], "asked, set, and set back");
    /// ```
    pub async fn rewindable<T>(
        &self,
        rewindable: bool,
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<T, PlanError> {
        if rewindable {
            return body.await;
        }
        let set = |rewindable| self.msg(Command::Rewindable { rewindable });
        let was_rewindable = match set(None).await? {
            Response::Value(rewindable) => Some(rewindable.is_truthy()),
            // An answer that is missing is not a false one, says Python.
            _ => None,
        };
        if was_rewindable == Some(false) {
            return body.await;
        }
        set(Some(false)).await?;
        self.finalize(body, set(was_rewindable)).await
    }

    /// Subscribes to the documents before a part of the plan, and unsubscribes in the end
    /// (`bluesky.preprocessors.subs_wrapper`, 1.15.1). Those to all documents come first, then those to `start`, `stop`,
    /// `event` and `descriptor`.
    ///
    /// # Errors
    ///
    /// What came out of the part, or of the subscriptions; a `KeyError` for other documents.
    ///
    /// ```
    /// use skyspan::engine::Subscriber;
    /// use skyspan::message::Object;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let picky = Subscriber::new(|_: &Document| Err::<(), _>(plan_error!("not this one")));
    /// let run = lab.run(plan(async move |p| {
    ///     let subs = [(DocumentName::Start, Object::from(&picky))];
    ///     p.subscribed(subs, p.in_run(Map::new(), p.null())).await
    /// }));
    /// assert_eq!(run.exit_status(), Fail);
    /// ```
    pub async fn subscribed<T>(
        &self,
        subs: impl IntoIterator<Item = (DocumentName, Object)>,
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<T, PlanError> {
        let subs: Vec<(DocumentName, Object)> = subs.into_iter().collect();
        if let Some((other, _)) = subs.iter().find(|(name, _)| !SUBS_NAMES.contains(name)) {
            let message = format!("one subscribes to all, start, stop, event or descriptor here, not to {other}");
            return Err(PlanError::raised("KeyError", message));
        }
        let mut tokens = Vec::new();
        let result = async {
            for name in SUBS_NAMES {
                for (_, callback) in subs.iter().filter(|(of, _)| *of == name) {
                    tokens.push(self.subscribe(name, callback.clone()).await?);
                }
            }
            body.await
        }
        .await;
        let unsubscribe = async {
            for token in in_order_of_a_set(tokens) {
                let kwargs = vec![(Text::literal("token"), Arg::Value(token))];
                let by_keyword = GenericMsg { command: Text::literal("unsubscribe"), kwargs, ..GenericMsg::default() };
                self.msg(by_keyword.into_msg(Value::Null)).await?;
            }
            Ok(())
        };
        self.finalize(async { result }, unsubscribe).await
    }

    /// Installs suspenders before a part of the plan, and removes all of them in the end
    /// (`bluesky.preprocessors.suspend_wrapper`, 1.15.1).
    ///
    /// # Errors
    ///
    /// What came out of the part, or of the installation.
    ///
    /// ```
    /// use skyspan::engine::Suspender;
    /// use skyspan::message::Object;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let shutter = Suspender::bool_high(&lab.device("bool_sig")).build()?;
    /// let run = lab.run(plan(async move |p| p.with_suspenders([Object::from(&shutter)], p.sleep(1.0)).await));
    /// run.assert_success();
    /// # Ok::<(), skyspan::engine::SuspenderError>(())
    /// ```
    pub async fn with_suspenders<T>(
        &self,
        suspenders: impl IntoIterator<Item = Object>,
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<T, PlanError> {
        let suspenders: Vec<Object> = suspenders.into_iter().collect();
        let suspended = async {
            for suspender in &suspenders {
                self.install_suspender(suspender.clone()).await?;
            }
            body.await
        };
        let remove = async {
            for suspender in &suspenders {
                self.remove_suspender(suspender.clone()).await?;
            }
            Ok(())
        };
        self.finalize(suspended, remove).await
    }
}

/// Tokens without those that stand there already, in the order in which Python goes through a set of them: by their
/// remainder, as CPython keeps small whole numbers. Tokens are given one after another, so no two of them meet in a place
/// of that table.
fn in_order_of_a_set(tokens: Vec<Value>) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::with_capacity(tokens.len());
    let mut places: i64 = 8;
    for token in tokens {
        if all.contains(&token) {
            continue;
        }
        all.push(token);
        // The table grows to four times what is in it when it is three fifths full.
        let used = i64::try_from(all.len()).unwrap_or(i64::MAX);
        if used.saturating_mul(5) >= (places - 1).saturating_mul(3) {
            while places <= used.saturating_mul(4) && places < i64::MAX / 2 {
                places *= 2;
            }
        }
    }
    all.sort_by_key(|token| token.as_i64().map_or(i64::MAX, |token| token.rem_euclid(places)));
    all
}
