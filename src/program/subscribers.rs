//! Callbacks by the documents that they get, as items and preprocessors have them.

use crate::document::DocumentName;
use crate::program::data::SubsSpec;
use crate::value::yaml::{Node, NodeValue, YamlError, not_one_of};

/// The documents to which a plan file can subscribe: those of `bluesky.utils.SUBS_NAMES`, 1.15.1, in that order.
const SUBS_NAMES: [DocumentName; 5] =
    [DocumentName::All, DocumentName::Start, DocumentName::Stop, DocumentName::Event, DocumentName::Descriptor];

/// Callbacks by the documents that they get, or a list of those that get all. They subscribe in the order of bluesky,
/// whatever the order in the file.
pub(in crate::program) fn read_subs(node: &Node) -> Result<Vec<SubsSpec>, YamlError> {
    let names = |documents, node: &Node, what: &str| {
        let callbacks = node.expect_list(what)?.to_vec();
        callbacks.iter().try_for_each(|callback| callback.expect_str("the name of a callback").map(drop))?;
        Ok(SubsSpec { documents, callbacks })
    };
    let NodeValue::Mapping(entries) = &node.value else {
        return Ok(vec![names(DocumentName::All, node, "a map or a list of callbacks as `subs`")?]);
    };
    for (key, _) in entries {
        let known = SUBS_NAMES.map(DocumentName::as_str);
        if !key.as_str().is_some_and(|key| known.contains(&key)) {
            return Err(not_one_of(key, "the name of a document", &known));
        }
    }
    let of = |name: DocumentName| entries.iter().find(|(key, _)| key.as_str() == Some(name.as_str()));
    let given = SUBS_NAMES.into_iter().filter_map(|name| Some((name, &of(name)?.1)));
    given.map(|(name, node)| names(name, node, &format!("a list of callbacks as `{name}`"))).collect()
}
