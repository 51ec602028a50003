//! [`Method`]: what can be asked of a device.

use std::fmt;

macro_rules! methods {
    ($($(#[$doc:meta])* $variant:ident, $name:literal;)*) => {
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
        }
    };
}

methods! {
    /// `Movable.set`.
    Set, "set";
    /// `Triggerable.trigger`.
    Trigger, "trigger";
    /// `Readable.read`.
    Read, "read";
    /// `Readable.describe`.
    Describe, "describe";
    /// `Configurable.read_configuration`.
    ReadConfiguration, "read_configuration";
    /// `Configurable.describe_configuration`.
    DescribeConfiguration, "describe_configuration";
    /// `configure`.
    Configure, "configure";
    /// `Locatable.locate`.
    Locate, "locate";
    /// `Stageable.stage`.
    Stage, "stage";
    /// `Stageable.unstage`.
    Unstage, "unstage";
    /// `Stoppable.stop`.
    Stop, "stop";
    /// `Pausable.pause`.
    Pause, "pause";
    /// `Pausable.resume`.
    Resume, "resume";
    /// `Preparable.prepare`.
    Prepare, "prepare";
    /// `Flyable.kickoff`.
    Kickoff, "kickoff";
    /// `Flyable.complete`.
    Complete, "complete";
    /// `Collectable.describe_collect`.
    DescribeCollect, "describe_collect";
    /// `EventCollectable.collect`.
    Collect, "collect";
    /// `EventPageCollectable.collect_pages`.
    CollectPages, "collect_pages";
    /// `WritesExternalAssets.collect_asset_docs`, and that of `WritesStreamAssets`.
    CollectAssetDocs, "collect_asset_docs";
    /// `WritesStreamAssets.get_index`.
    GetIndex, "get_index";
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
