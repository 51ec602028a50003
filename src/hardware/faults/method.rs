//! [`Method`]: what can be asked of a device.

use std::fmt;

use crate::device::OphydObject;

macro_rules! methods {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $($as_protocol:ident)|*;)*) => {
        /// What can be asked of a device, and go wrong: the methods of bluesky's protocols (`bluesky.protocols`, 1.15.1) but for
        /// `subscribe` and `check_value`, which know no time.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Method {
            $($(#[$doc])* $variant,)*
        }

        impl Method {
            /// Every method that a fault can meet.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in Python: `set`, `describe_collect`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Whether an object has it.
            pub(super) fn is_of(self, object: &dyn OphydObject) -> bool {
                match self {
                    $(Self::$variant => $(object.$as_protocol().is_some())||*,)*
                }
            }
        }
    };
}

methods! {
    /// `Movable.set` of `bluesky.protocols`.
    Set, "set", as_movable;
    /// `Triggerable.trigger` of `bluesky.protocols`.
    Trigger, "trigger", as_triggerable;
    /// `Readable.read` of `bluesky.protocols`.
    Read, "read", as_readable;
    /// `Readable.describe` of `bluesky.protocols`.
    Describe, "describe", as_readable;
    /// `Configurable.read_configuration` of `bluesky.protocols`.
    ReadConfiguration, "read_configuration", as_configurable;
    /// `Configurable.describe_configuration` of `bluesky.protocols`.
    DescribeConfiguration, "describe_configuration", as_configurable;
    /// `configure` of ophyd's devices.
    Configure, "configure", as_configurable;
    /// `Locatable.locate` of `bluesky.protocols`.
    Locate, "locate", as_locatable;
    /// `Stageable.stage` of `bluesky.protocols`.
    Stage, "stage", as_stageable;
    /// `Stageable.unstage` of `bluesky.protocols`.
    Unstage, "unstage", as_stageable;
    /// `Stoppable.stop` of `bluesky.protocols`.
    Stop, "stop", as_stoppable;
    /// `Pausable.pause` of `bluesky.protocols`.
    Pause, "pause", as_pausable;
    /// `Pausable.resume` of `bluesky.protocols`.
    Resume, "resume", as_pausable;
    /// `Preparable.prepare` of `bluesky.protocols`.
    Prepare, "prepare", as_preparable;
    /// `Flyable.kickoff` of `bluesky.protocols`.
    Kickoff, "kickoff", as_flyable;
    /// `Flyable.complete` of `bluesky.protocols`.
    Complete, "complete", as_flyable;
    /// `Collectable.describe_collect` of `bluesky.protocols`.
    DescribeCollect, "describe_collect", as_collectable;
    /// `EventCollectable.collect` of `bluesky.protocols`.
    Collect, "collect", as_event_collectable;
    /// `EventPageCollectable.collect_pages` of `bluesky.protocols`.
    CollectPages, "collect_pages", as_event_page_collectable;
    /// `WritesExternalAssets.collect_asset_docs`, and that of `WritesStreamAssets`.
    CollectAssetDocs, "collect_asset_docs", as_writes_external_assets|as_writes_stream_assets;
    /// `WritesStreamAssets.get_index` of `bluesky.protocols`.
    GetIndex, "get_index", as_writes_stream_assets;
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
