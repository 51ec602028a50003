//! [`Gather`]: the spans that were read, and what they share.

use std::sync::Arc;

use super::field::{Field, Wrong};
use super::id_text::OtlpIds;
use super::refused_spans::RefusedSpans;
use crate::trace::text_cache::TextCache;
use crate::trace::{Attributes, Resource, Scope, Span};
use crate::value::{Text, Value};

/// So many resources and scopes that were met last are compared with the next.
const LATEST: usize = 8;

/// The spans that were read of a file, in its order, and what they have in common, which is kept once.
#[derive(Default)]
pub(super) struct Gather {
    pub(super) texts: TextCache,
    pub(super) spans: Vec<Arc<Span>>,
    pub(super) ids: OtlpIds,
    /// What an answer says beside its spans, such as why there are none.
    pub(super) remarks: Vec<String>,
    resources: Latest<Resource>,
    scopes: Latest<Scope>,
    /// The spans that are left out for being wrong, where that may be; otherwise it is an error.
    pub(super) refused: Option<RefusedSpans>,
    /// The text of the resource that was read last, which mostly is that of the next.
    resource_text: String,
    resource: Option<Arc<Resource>>,
}

/// Values that were met last.
struct Latest<T>(Vec<Arc<T>>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Latest<T> {
    fn shared(&mut self, value: T) -> Arc<T> {
        if let Some(known) = self.0.iter().find(|known| ***known == value) {
            return Arc::clone(known);
        }
        if self.0.len() == LATEST {
            self.0.remove(0);
        }
        let shared = Arc::new(value);
        self.0.push(Arc::clone(&shared));
        shared
    }
}

impl Gather {
    /// For what is posted, of which a span that is wrong is left out.
    #[cfg(feature = "receive")]
    pub(super) fn for_request() -> Self {
        Self { refused: Some(RefusedSpans::default()), ..Self::default() }
    }

    /// Leaves out a span that is wrong, where that may be.
    pub(super) fn refuse<E>(&mut self, wrong: E, told: impl FnOnce(&E) -> String) -> Result<(), E> {
        let Some(refused) = &mut self.refused else { return Err(wrong) };
        refused.add(|| told(&wrong));
        Ok(())
    }

    pub(super) fn push(&mut self, span: Span) {
        self.spans.push(Arc::new(span));
    }

    pub(super) fn resource(&mut self, resource: Resource) -> Arc<Resource> {
        self.resources.shared(resource)
    }

    pub(super) fn scope(&mut self, scope: Scope) -> Arc<Scope> {
        self.scopes.shared(scope)
    }

    /// The resource that `read` makes of a value, or, where its text is that of the last, the last.
    pub(super) fn resource_of<'a>(
        &mut self,
        field: Field<'a>,
        read: impl FnOnce(&mut Self, Field<'a>) -> Result<Resource, Wrong<'a>>,
    ) -> Result<Arc<Resource>, Wrong<'a>> {
        let text = field.text();
        if let Some(last) = self.resource.as_ref().filter(|_| self.resource_text == text) {
            return Ok(Arc::clone(last));
        }
        let read = read(self, field)?;
        let resource = self.resource(read);
        text.clone_into(&mut self.resource_text);
        self.resource = Some(Arc::clone(&resource));
        Ok(resource)
    }

    /// The text of a string, shared with its like.
    pub(super) fn text<'a>(&mut self, field: Field<'a>) -> Result<Text, Wrong<'a>> {
        Ok(self.texts.text(&field.string()?))
    }

    /// The text of a string; empty if there is none.
    pub(super) fn text_or_empty<'a>(&mut self, field: Option<Field<'a>>) -> Result<Text, Wrong<'a>> {
        field.filter(|field| !field.is_null()).map_or(Ok(Text::default()), |field| self.text(field))
    }

    /// The attributes of a map from keys to values.
    pub(super) fn attributes_of_map<'a>(&mut self, field: Option<Field<'a>>) -> Result<Attributes, Wrong<'a>> {
        let Some(map) = field.filter(|field| !field.is_null()) else { return Ok(Attributes::new()) };
        let mut entries: Vec<(Text, Value)> = Vec::with_capacity(map.map()?.entries().count());
        for (key, value) in map.entries() {
            entries.push((self.texts.text(&key), value.value(&mut self.texts)));
        }
        Ok(Attributes::from_entries(entries))
    }
}
