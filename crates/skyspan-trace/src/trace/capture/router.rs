//! The router: the spans of OpenTelemetry's global provider. The one file that sets and reads it.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use opentelemetry::global::{self, BoxedSpan, BoxedTracer, GlobalTracerProvider};
use opentelemetry::trace::{Span, SpanBuilder, SpanContext, Status, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::Span as SdkSpan;

use super::homes::{self, Found};
use super::{lost, processor};
use crate::sync::lock;

/// The name of the tracer by which the router is known when it is asked for one.
const WHO_IS_THERE: &str = "skyspan: who is there?";

thread_local! {
    /// Whether the router was asked on this thread who it is.
    static IT_IS_US: Cell<bool> = const { Cell::new(false) };
}

/// Whether the global provider is the router.
#[expect(clippy::disallowed_methods, reason = "the user asked for it")]
pub(super) fn is_in_front() -> bool {
    IT_IS_US.set(false);
    // Other providers make a tracer, of which nobody hears again.
    let _ = global::tracer_provider().tracer(WHO_IS_THERE);
    IT_IS_US.replace(false)
}

/// Makes the router the global provider, unless it is.
#[expect(clippy::disallowed_methods, reason = "the user asked for it")]
pub(super) fn put_in_front() {
    static PUTTING: Mutex<()> = Mutex::new(());
    let _alone = lock(&PUTTING);
    if !is_in_front() {
        global::set_tracer_provider(Router { before: global::tracer_provider(), of_before: Arc::default() });
    }
}

/// A provider that sends each span to where it belongs.
struct Router {
    before: GlobalTracerProvider,
    of_before: Arc<Before>,
}

/// What is known of the provider that was there before the router.
#[derive(Debug, Default)]
struct Before(AtomicU8);

impl Before {
    const CAPTURES: u8 = 1;
    const DOES_NOT: u8 = 2;

    /// Whether it has a [processor](super::processor()) of ours; nothing if that is not known.
    fn captures(&self) -> Option<bool> {
        match self.0.load(Ordering::Relaxed) {
            Self::CAPTURES => Some(true),
            Self::DOES_NOT => Some(false),
            _ => None,
        }
    }

    fn now_known(&self, captures: bool) {
        self.0.store(if captures { Self::CAPTURES } else { Self::DOES_NOT }, Ordering::Relaxed);
    }
}

impl TracerProvider for Router {
    type Tracer = RoutedTracer;

    fn tracer_with_scope(&self, library: InstrumentationScope) -> RoutedTracer {
        if library.name() == WHO_IS_THERE {
            IT_IS_US.set(true);
        }
        let before = Some((self.before.tracer_with_scope(library.clone()), Arc::clone(&self.of_before)));
        RoutedTracer { before, library }
    }
}

/// A tracer whose spans go where they belong.
pub(super) struct RoutedTracer {
    /// That of the provider which was there before; none where there is no such thing.
    before: Option<(BoxedTracer, Arc<Before>)>,
    library: InstrumentationScope,
}

impl RoutedTracer {
    /// A tracer of spans that are of no use to anybody but a capture.
    #[cfg(feature = "tracing")]
    pub(super) fn for_captures_alone(library: &'static str) -> Self {
        Self { before: None, library: InstrumentationScope::builder(library).build() }
    }

    fn build(&self, found: &Found, builder: SpanBuilder, parent: &Context) -> RoutedSpan {
        let span = found.home.build(&self.library, builder, parent);
        if !span.is_recording() {
            lost::count_sampled_out();
        }
        found.claim(span.span_context().trace_id());
        RoutedSpan::Caught(span)
    }

    /// A span that belongs to a capture, and that the provider of before may be the one to make.
    fn build_before(
        &self,
        (before, of_before): (&BoxedTracer, &Before),
        found: &Found,
        builder: SpanBuilder,
        parent: &Context,
    ) -> RoutedSpan {
        let (span, taken) = processor::watch(|| before.build_with_context(builder.clone(), parent));
        if taken {
            of_before.now_known(true);
        } else if !span.span_context().is_valid() || span.is_recording() {
            // It makes nothing, or it makes spans of which our processor does not hear.
            of_before.now_known(false);
            return self.build(found, builder, parent);
        } else {
            lost::count_sampled_out();
        }
        RoutedSpan::Elsewhere(span)
    }
}

impl Tracer for RoutedTracer {
    type Span = RoutedSpan;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> RoutedSpan {
        match (homes::find(parent), &self.before) {
            (Some(found), Some((before, of_before))) => {
                let may_capture = of_before.captures().unwrap_or_else(processor::is_somewhere);
                if may_capture {
                    self.build_before((before, of_before), &found, builder, parent)
                } else {
                    self.build(&found, builder, parent)
                }
            }
            (Some(found), None) => self.build(&found, builder, parent),
            (None, Some((before, _))) => {
                // A processor of ours that is there counts it itself.
                let name = builder.name.clone();
                let (span, told) = processor::watch(|| before.build_with_context(builder, parent));
                if !told {
                    lost::count(&name.into());
                }
                RoutedSpan::Elsewhere(span)
            }
            (None, None) => {
                lost::count(&builder.name.into());
                RoutedSpan::Nobodys(SpanContext::NONE)
            }
        }
    }
}

#[expect(clippy::large_enum_variant, reason = "OpenTelemetry boxes it, and the large one is the common one")]
pub(super) enum RoutedSpan {
    Caught(SdkSpan),
    Elsewhere(BoxedSpan),
    Nobodys(SpanContext),
}

macro_rules! whichever {
    ($this:expr, $span:ident => $call:expr, else $nothing:expr) => {
        match $this {
            Self::Caught($span) => $call,
            Self::Elsewhere($span) => $call,
            Self::Nobodys(_) => $nothing,
        }
    };
}

impl Span for RoutedSpan {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        whichever!(self, span => span.add_event_with_timestamp(name, timestamp, attributes), else ());
    }

    fn span_context(&self) -> &SpanContext {
        match self {
            Self::Caught(span) => span.span_context(),
            Self::Elsewhere(span) => span.span_context(),
            Self::Nobodys(context) => context,
        }
    }

    fn is_recording(&self) -> bool {
        whichever!(self, span => span.is_recording(), else false)
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        whichever!(self, span => span.set_attribute(attribute), else ());
    }

    fn set_status(&mut self, status: Status) {
        whichever!(self, span => span.set_status(status), else ());
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        whichever!(self, span => span.update_name(new_name), else ());
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        whichever!(self, span => span.add_link(span_context, attributes), else ());
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        whichever!(self, span => span.end_with_timestamp(timestamp), else ());
    }
}
