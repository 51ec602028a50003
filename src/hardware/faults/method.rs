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
            /// All of them.
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
    /// `Movable.set`.
    Set, "set", as_movable;
    /// `Triggerable.trigger`.
    Trigger, "trigger", as_triggerable;
    /// `Readable.read`.
    Read, "read", as_readable;
    /// `Readable.describe`.
    Describe, "describe", as_readable;
    /// `Configurable.read_configuration`.
    ReadConfiguration, "read_configuration", as_configurable;
    /// `Configurable.describe_configuration`.
    DescribeConfiguration, "describe_configuration", as_configurable;
    /// `configure`.
    Configure, "configure", as_configurable;
    /// `Locatable.locate`.
    Locate, "locate", as_locatable;
    /// `Stageable.stage`.
    Stage, "stage", as_stageable;
    /// `Stageable.unstage`.
    Unstage, "unstage", as_stageable;
    /// `Stoppable.stop`.
    Stop, "stop", as_stoppable;
    /// `Pausable.pause`.
    Pause, "pause", as_pausable;
    /// `Pausable.resume`.
    Resume, "resume", as_pausable;
    /// `Preparable.prepare`.
    Prepare, "prepare", as_preparable;
    /// `Flyable.kickoff`.
    Kickoff, "kickoff", as_flyable;
    /// `Flyable.complete`.
    Complete, "complete", as_flyable;
    /// `Collectable.describe_collect`.
    DescribeCollect, "describe_collect", as_collectable;
    /// `EventCollectable.collect`.
    Collect, "collect", as_event_collectable;
    /// `EventPageCollectable.collect_pages`.
    CollectPages, "collect_pages", as_event_page_collectable;
    /// `WritesExternalAssets.collect_asset_docs`, and that of `WritesStreamAssets`.
    CollectAssetDocs, "collect_asset_docs", as_writes_external_assets|as_writes_stream_assets;
    /// `WritesStreamAssets.get_index`.
    GetIndex, "get_index", as_writes_stream_assets;
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
