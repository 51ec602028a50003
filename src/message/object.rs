//! [`Object`] and [`Awaitable`]: what a message carries and cannot be written down.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::PlanError;
use crate::clock::Clock;
use crate::value::{Text, Value};

/// Something that only the one who executes the message understands: a callback, a suspender, a plan. Cloning gives
/// another handle to the same one; two are equal if they lead to the same one.
#[derive(Clone)]
pub struct Object {
    class: Text,
    name: Option<Text>,
    inner: Arc<dyn Any + Send + Sync>,
}

impl Object {
    /// A handle to a value, with the name of its class in Python: `function`, `SuspendFloor`.
    pub fn new(class: impl Into<Text>, value: impl Any + Send + Sync) -> Self {
        Self { class: class.into(), name: None, inner: Arc::new(value) }
    }

    /// The same under a name of its own, by which it stands in a recording of messages.
    #[must_use]
    pub fn named(self, name: impl Into<Text>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The name of its class.
    #[must_use]
    pub const fn class_name(&self) -> &Text {
        &self.class
    }

    /// How many handles lead to it, this one among them.
    ///
    /// ```
    /// use skyspan::message::Object;
    ///
    /// let object = Object::new("function", 5);
    /// let in_a_message = object.clone();
    /// assert_eq!((object.handles(), in_a_message.downcast_ref()), (2, Some(&5)));
    /// ```
    #[must_use]
    pub fn handles(&self) -> usize {
        Arc::strong_count(&self.inner)
    }

    /// The value, if it is of that type.
    #[must_use]
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        (*self.inner).downcast_ref()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

/// As a recording of messages has it: its name, or `<function>` where it has none.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "<{}>", self.class),
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

type Outcome = Pin<Box<dyn Future<Output = Result<Value, PlanError>> + Send>>;

/// What can be awaited, and awaited again when the message is replayed: what `wait_for` takes.
///
/// ```
/// use skyspan::message::Awaitable;
/// use skyspan::value::Value;
///
/// let at_once = Awaitable::new(|| async { Ok(Value::from(5)) });
/// assert_eq!(at_once.to_object().to_string(), "<function>");
/// ```
#[derive(Clone)]
pub struct Awaitable {
    class: Text,
    reason: Option<Text>,
    begin: Arc<dyn Fn() -> Outcome + Send + Sync>,
}

impl Awaitable {
    /// What is awaited anew whenever `begin` is called.
    pub fn new<F, Fut>(begin: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, PlanError>> + Send + 'static,
    {
        Self { class: Text::literal("function"), reason: None, begin: Arc::new(move || Box::pin(begin())) }
    }

    /// What ends so long after it was begun, on that clock.
    ///
    /// ```
    /// use skyspan::message::Awaitable;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.wait_for([Awaitable::after(&p.env().clock, secs(5.0))]).await.map(drop)));
    /// assert_eq!(run.duration(), secs(5.0));
    /// ```
    #[must_use]
    pub fn after(clock: &Clock, time: Duration) -> Self {
        let clock = clock.clone();
        Self::new(move || {
            let sleep = clock.sleep(time);
            async move {
                sleep.await;
                Ok(Value::Null)
            }
        })
    }

    /// The same under another name of its class in Python: `method`.
    #[must_use]
    pub fn of_class(self, class: impl Into<Text>) -> Self {
        Self { class: class.into(), ..self }
    }

    /// The same with what is waited for, in words: the report of a deadlock has them.
    #[must_use]
    pub fn because(self, reason: impl Into<Text>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// What is waited for, in words.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Begins to await it.
    #[must_use]
    pub fn begin(&self) -> Outcome {
        (self.begin)()
    }

    /// A handle to it, as a message shows it.
    #[must_use]
    pub fn to_object(&self) -> Object {
        Object::new(self.class.clone(), self.clone())
    }
}

impl fmt::Debug for Awaitable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.class)
    }
}
