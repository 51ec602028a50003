//! [`GlobalScope`]: the spans of OpenTelemetry's global provider. The one file that sets and reads it.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::sync::Mutex;
use std::time::SystemTime;

use opentelemetry::global::{self, BoxedSpan, BoxedTracer, GlobalTracerProvider};
use opentelemetry::trace::{Span, SpanBuilder, SpanContext, Status, TraceContextExt as _, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SdkTracerProvider, Span as SdkSpan};

use super::Capture;
use super::place::{Entered, Place, Scope};
use crate::sync::lock;

impl Capture {
    /// Catches the spans that code on this thread takes from OpenTelemetry's global provider, until the guard is dropped.
    /// See [`GlobalScope`].
    ///
    /// ```
    /// use opentelemetry::global;
    /// use opentelemetry::trace::{Span as _, Tracer as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// fn handle_request() {
    ///     global::tracer("app").start("request").end();
    /// }
    ///
    /// let capture = Capture::new();
    /// let scope = capture.global_scope();
    /// handle_request();
    /// drop(scope);
    /// handle_request();
    /// assert_eq!(capture.trace().named("request").count(), 1);
    /// ```
    pub fn global_scope(&self) -> GlobalScope {
        GlobalScope::of(self.provider())
    }
}

/// As long as this lives, spans that code on this thread takes from OpenTelemetry's global provider go to a capture.
///
/// The global provider is one for the whole process, and tests run in parallel. So the first scope of a process puts a
/// router in its place, for good, and every span is sent on its way when it starts. It goes
///
/// 1. where the context that it is started with says (a scope is part of the current context, so that all code that hands
///    contexts on hands the scope on with them: OpenTelemetry's `with_context`, [`carry`](super::carry), a layer of a
///    server);
/// 2. else to the innermost scope of the thread that starts it;
/// 3. else to the scope in which its trace began, if its parent is known;
/// 4. else to the provider that was there before the router: to nobody, if there was none.
///
/// That means:
///
/// - Tests in parallel, each with a scope, catch their own spans only.
/// - A thread or task that is started without its context catches nothing, unless it names the parents of its spans; wrap
///   what it does in [`carry`](super::carry) or [`carry_future`](super::carry_future). A runtime of tokio that runs its
///   tasks on the thread of the test needs neither.
/// - A tracer that a program keeps (in a `static`, say) serves every test, if it was made when the router was there. One
///   that was made before the first scope is that of the provider of before, for ever. Where a test without a scope may
///   be the first to make it, give that test a scope as well.
/// - A span belongs to the scope in which it started, also when it ends after that, or elsewhere. A context that was
///   handed on keeps its scope for as long as it lives.
/// - A program that sets a global provider itself, while the scope is there, takes the router away, from every test:
///   [`is_in_front`](Self::is_in_front) tells. Scopes that begin later put it back, in front of that provider.
///
/// Without a scope nothing global is set, nor read.
///
/// ```
/// use opentelemetry::global;
/// use opentelemetry::trace::{Span as _, Tracer as _};
/// use skyspan_trace::trace::Capture;
///
/// let (of_program, capture) = (Capture::new(), Capture::new());
/// global::set_tracer_provider(of_program.provider());
///
/// let scope = capture.global_scope();
/// global::tracer("app").start("here").end();
/// std::thread::spawn(|| global::tracer("app").start("elsewhere").end()).join().unwrap();
/// assert_eq!(capture.trace().named("here").count(), 1);
/// assert_eq!(of_program.trace().named("elsewhere").count(), 1);
/// assert_eq!((capture.len(), of_program.len()), (1, 1));
///
/// global::set_tracer_provider(of_program.provider());
/// assert!(!scope.is_in_front());
/// assert!(capture.global_scope().is_in_front());
/// ```
#[must_use = "the scope ends when this is dropped"]
pub struct GlobalScope {
    _entered: Entered,
}

impl GlobalScope {
    /// The scope of another provider: one with a resource, for example, or with further processors.
    ///
    /// ```
    /// use opentelemetry::global;
    /// use opentelemetry::trace::{Span as _, Tracer as _};
    /// use opentelemetry_sdk::Resource;
    /// use skyspan_trace::trace::{Capture, GlobalScope};
    ///
    /// let capture = Capture::new();
    /// let resource = Resource::builder_empty().with_service_name("shop").build();
    /// let _scope = GlobalScope::of(capture.provider_builder().with_resource(resource).build());
    /// global::tracer("app").start("request").end();
    /// let trace = capture.trace();
    /// assert_eq!(trace.spans().next().unwrap().resource().attributes.get("service.name"), Some(&"shop".into()));
    /// ```
    pub fn of(provider: SdkTracerProvider) -> Self {
        put_in_front();
        Self { _entered: Place::current().within(Scope::new(provider)).enter() }
    }

    /// Whether the global provider is still the one that sends spans to the scopes, and no other was set since.
    #[must_use]
    pub fn is_in_front(&self) -> bool {
        is_in_front()
    }
}

impl fmt::Debug for GlobalScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GlobalScope")
    }
}

/// The name of the tracer by which the router is known when it is asked for one.
const WHO_IS_THERE: &str = "skyspan: who is there?";

thread_local! {
    /// Whether the router was asked on this thread who it is.
    static IT_IS_US: Cell<bool> = const { Cell::new(false) };
}

#[expect(clippy::disallowed_methods, reason = "the user asked for it")]
fn is_in_front() -> bool {
    IT_IS_US.set(false);
    // Other providers make a tracer, of which nobody hears again.
    let _ = global::tracer_provider().tracer(WHO_IS_THERE);
    IT_IS_US.replace(false)
}

/// Makes the router the global provider, unless it is.
#[expect(clippy::disallowed_methods, reason = "the user asked for it")]
fn put_in_front() {
    static PUTTING: Mutex<()> = Mutex::new(());
    let _alone = lock(&PUTTING);
    if !is_in_front() {
        global::set_tracer_provider(Router { before: global::tracer_provider() });
    }
}

/// A provider that sends each span to where it belongs.
struct Router {
    before: GlobalTracerProvider,
}

impl TracerProvider for Router {
    type Tracer = RoutedTracer;

    fn tracer_with_scope(&self, library: InstrumentationScope) -> RoutedTracer {
        if library.name() == WHO_IS_THERE {
            IT_IS_US.set(true);
        }
        RoutedTracer { before: self.before.tracer_with_scope(library.clone()), library }
    }
}

struct RoutedTracer {
    before: BoxedTracer,
    library: InstrumentationScope,
}

impl Tracer for RoutedTracer {
    type Span = RoutedSpan;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> RoutedSpan {
        let Some(scope) = Scope::of(parent) else {
            return RoutedSpan::Elsewhere(self.before.build_with_context(builder, parent));
        };
        let tracer = scope.provider().tracer_with_scope(self.library.clone());
        let span = tracer.build_with_context(builder, parent);
        if !parent.span().span_context().is_valid() {
            scope.began(span.span_context().trace_id());
        }
        RoutedSpan::Caught(span)
    }
}

#[expect(clippy::large_enum_variant, reason = "OpenTelemetry boxes it, and the large one is the common one")]
enum RoutedSpan {
    Caught(SdkSpan),
    Elsewhere(BoxedSpan),
}

macro_rules! either {
    ($this:expr, $span:ident => $call:expr) => {
        match $this {
            Self::Caught($span) => $call,
            Self::Elsewhere($span) => $call,
        }
    };
}

impl Span for RoutedSpan {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        either!(self, span => span.add_event_with_timestamp(name, timestamp, attributes));
    }

    fn span_context(&self) -> &SpanContext {
        either!(self, span => span.span_context())
    }

    fn is_recording(&self) -> bool {
        either!(self, span => span.is_recording())
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        either!(self, span => span.set_attribute(attribute));
    }

    fn set_status(&mut self, status: Status) {
        either!(self, span => span.set_status(status));
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        either!(self, span => span.update_name(new_name));
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        either!(self, span => span.add_link(span_context, attributes));
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        either!(self, span => span.end_with_timestamp(timestamp));
    }
}
