//! [`each_protocol`]: the one list of all protocols.

/// Calls a macro with every protocol: the method of a handle that gives it, the method of an object that says whether it
/// implements it, and the trait. What goes over all protocols uses this, so that none is forgotten.
macro_rules! each_protocol {
    ($with:ident) => {
        $with! {
            readable, as_readable, Readable;
            configurable, as_configurable, Configurable;
            movable, as_movable, Movable;
            checkable, as_checkable, Checkable;
            locatable, as_locatable, Locatable;
            positioner, as_positioner, Positioner;
            triggerable, as_triggerable, Triggerable;
            stageable, as_stageable, Stageable;
            stoppable, as_stoppable, Stoppable;
            pausable, as_pausable, Pausable;
            flyable, as_flyable, Flyable;
            preparable, as_preparable, Preparable;
            collectable, as_collectable, Collectable;
            event_collectable, as_event_collectable, EventCollectable;
            event_page_collectable, as_event_page_collectable, EventPageCollectable;
            writes_external_assets, as_writes_external_assets, WritesExternalAssets;
            writes_stream_assets, as_writes_stream_assets, WritesStreamAssets;
            subscribable, as_subscribable, Subscribable;
            has_hints, as_has_hints, HasHints;
        }
    };
}
pub(crate) use each_protocol;
