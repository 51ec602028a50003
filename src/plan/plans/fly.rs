//! [`fly`]: flyers, each from kickoff to collection.

use crate::device::Device;
use crate::plan::{IntoDevices, Plan, plan};
use crate::value::{IntoEntries, Map, Text, Value};

/// Flyers, each from kickoff to collection; made by [`fly`].
pub struct Fly {
    flyers: Vec<Device>,
    md: Map,
}

/// Kicks off flyers one after another, completes them one after another, and collects from each: `bluesky.plans.fly`
/// 1.15.1. Its result is the uid of the run.
///
/// Like bluesky's it has nothing to say when something fails: the engine closes the run then.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(plans::fly(&lab.device("flyer1")));
/// let names: Vec<_> = run.documents().iter().map(Document::name).collect();
/// assert_eq!(names, ["start", "descriptor", "event_page", "stop"]);
/// ```
#[must_use]
pub fn fly(flyers: impl IntoDevices) -> Fly {
    Fly { flyers: flyers.into_devices(), md: Map::new() }
}

impl Fly {
    /// Metadata for the start document.
    ///
    /// It is taken as `json!({...})`, as a [`Map`], or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If it is JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn md(mut self, md: impl IntoEntries) -> Self {
        self.md.extend(md.into_entries());
        self
    }
}

impl From<Fly> for Plan {
    fn from(fly: Fly) -> Self {
        let Fly { flyers, md } = fly;
        plan(async move |p| {
            let uid = p.open_run(md).await?;
            for flyer in &flyers {
                p.kickoff(flyer).await?;
                p.wait(Value::Null).await?;
            }
            for flyer in &flyers {
                p.complete(flyer).await?;
                p.wait(Value::Null).await?;
            }
            for flyer in &flyers {
                p.collect(flyer, None).await?;
            }
            p.close_run().await?;
            Ok(uid)
        })
        .named(Text::literal("fly"))
    }
}

impl std::fmt::Debug for Fly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "fly({:?})", self.flyers)
    }
}
