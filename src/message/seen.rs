//! [`Mark`]: how a preprocessor knows a message that it has seen.

use std::sync::Arc;

/// What one preprocessor puts on the messages that it has seen. A copy of a marked message is marked, too; one made anew
/// is not.
#[derive(Debug)]
pub(crate) struct Mark(Arc<Seen>);

/// Who has seen a message, the last one first.
#[derive(Debug)]
pub(super) struct Seen {
    by: Arc<()>,
    before: Option<Arc<Self>>,
}

impl Mark {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Seen { by: Arc::default(), before: None }))
    }

    fn is_on(&self, seen: Option<&Arc<Seen>>) -> bool {
        std::iter::successors(seen, |seen| seen.before.as_ref()).any(|seen| Arc::ptr_eq(&seen.by, &self.0.by))
    }

    /// Puts the mark there; gives whether it was there before.
    pub(super) fn put(&self, seen: &mut Option<Arc<Seen>>) -> bool {
        if self.is_on(seen.as_ref()) {
            return true;
        }
        *seen = Some(match seen.take() {
            // Most messages have met nobody before: they share what was made once.
            None => Arc::clone(&self.0),
            before => Arc::new(Seen { by: Arc::clone(&self.0.by), before }),
        });
        false
    }
}
