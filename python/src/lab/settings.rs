//! What a lab was made with, for another one like it.

use skyspan::clock::Timestamp;
use skyspan::engine::{Limits, SpanConvention};
use skyspan::harness::{Harness, HarnessBuilder};

/// What a lab was made with.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) start: Option<Timestamp>,
    pub(crate) real_time: bool,
    pub(crate) record_interruptions: bool,
    pub(crate) nested_spans: bool,
    pub(crate) shuffled_moments: bool,
    pub(crate) limits: Limits,
    pub(crate) chronicled: bool,
}

impl Settings {
    /// A harness to be, with these.
    pub(crate) fn builder(&self) -> HarnessBuilder {
        self.given_to(Harness::builder()).limits(self.limits)
    }

    /// A harness to be, with these but for its limits.
    pub(crate) fn given_to(&self, builder: HarnessBuilder) -> HarnessBuilder {
        let mut builder = builder.seed(self.seed).record_interruptions(self.record_interruptions);
        if let Some(start) = self.start {
            builder = builder.start_time(start);
        }
        if self.real_time {
            builder = builder.real_time();
        }
        if self.nested_spans {
            builder = builder.convention(SpanConvention::Nested);
        }
        if self.shuffled_moments {
            builder = builder.shuffled_moments();
        }
        if self.chronicled {
            builder = builder.chronicled();
        }
        builder
    }
}
