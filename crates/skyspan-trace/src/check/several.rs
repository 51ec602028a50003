//! What a check file says of all children, events or links of a span.

use std::sync::Arc;

use super::patterns::name;
use super::ranges::durations;
use super::selector::Maker;
use super::spans::{Condition, SpanSaid, Takes, patterns, span_in, tree};
use crate::expect::{EventExpectation, LinkExpectation, SpanExpectation, event, link_elsewhere, link_to};
use crate::value::yaml::{Fields, Node, NodeValue, YamlError};

/// A list, and how it is meant.
struct These<'n> {
    list: &'n [Node],
    in_order: bool,
    or_more: bool,
}

/// A list alone, or a map with it in `these`, and `in_order` and `or_more` beside.
fn these<'n>(node: &'n Node, what: &'n str, in_order: bool) -> Result<These<'n>, YamlError> {
    let NodeValue::Mapping(_) = node.value else {
        return Ok(These { list: node.expect_list(&format!("a list of {what}"))?, in_order, or_more: false });
    };
    let fields = Fields::of(node, what, &["these", "in_order", "or_more"])?;
    fields.need("these")?;
    let in_order = if fields.get("in_order").is_some() { fields.flag("in_order")? } else { in_order };
    Ok(These { list: fields.list("these")?, in_order, or_more: fields.flag("or_more")? })
}

/// All children of a span: a tree as it is drawn, or a list, in any order unless it is said.
pub(super) fn read_children(node: &Node, maps: usize) -> Result<Condition, YamlError> {
    if node.as_str().is_some() {
        let forest = tree(node)?;
        let depth = forest.depth() + 1;
        return Ok(Condition { add: Arc::new(move |span, _| Ok(span.children_as(forest.clone()))), depth });
    }
    let These { list, in_order, or_more } = these(node, "children", false)?;
    let all: Vec<SpanSaid> = list.iter().map(|node| span_in(node, maps)).collect::<Result<_, _>>()?;
    let depth = 1 + all.iter().map(|said| said.depth).max().unwrap_or(0);
    let add = move |span: SpanExpectation, selector: &super::selector::Selector<'_>| {
        let made = all.iter().map(|said| (said.make)(selector)).collect::<Result<Vec<_>, _>>()?;
        Ok(match (in_order, or_more) {
            (false, false) => span.children(made),
            (true, false) => span.children_in_order(made),
            (false, true) => span.children_at_least(made),
            (true, true) => span.children_at_least_in_order(made),
        })
    };
    Ok(Condition { add: Arc::new(add), depth })
}

/// An event by its name, or a map.
fn one_event(node: &Node) -> Result<EventExpectation, YamlError> {
    if node.as_str().is_some() {
        return Ok(event(name(node)?));
    }
    let fields = Fields::of(node, "an event", &["name", "attributes", "after"])?;
    let mut made = match fields.get("name") {
        Some(said) => event(name(said)?),
        None => event(crate::expect::any()),
    };
    if let Some(said) = fields.get("attributes") {
        made = patterns(said, "attributes")?.into_iter().fold(made, |made, (key, said)| made.attr(key, said));
    }
    Ok(match fields.get("after") {
        Some(said) => made.after(durations(said)?),
        None => made,
    })
}

pub(super) fn read_events(node: &Node, takes: &Takes) -> Result<Condition, YamlError> {
    if let Takes::Event { is_there } = *takes {
        let one = one_event(node)?;
        return Ok(Condition::plain(move |span| match is_there {
            true => span.event(one.clone()),
            false => span.no_event(one.clone()),
        }));
    }
    let These { list, in_order, or_more } = these(node, "events", true)?;
    let all: Vec<EventExpectation> = list.iter().map(one_event).collect::<Result<_, _>>()?;
    Ok(Condition::plain(move |span| {
        let all = all.iter().cloned();
        match (in_order, or_more) {
            (true, false) => span.events(all),
            (false, false) => span.events_in_any_order(all),
            (false, true) => span.events_at_least(all),
            (true, true) => span.events_at_least_in_order(all),
        }
    }))
}

/// What a link must be, made ready for any trace, and how deep it nests.
struct LinkSaid {
    make: Maker<LinkExpectation>,
    depth: usize,
}

/// A map with `to` for a link to a span of the trace; without it the link leads elsewhere.
fn one_link(node: &Node, maps: usize) -> Result<LinkSaid, YamlError> {
    let fields = Fields::of(node, "a link", &["to", "attributes"])?;
    let to = fields.get("to").map(|node| span_in(node, maps)).transpose()?;
    let attributes = fields.get("attributes").map_or_else(|| Ok(Vec::new()), |said| patterns(said, "attributes"))?;
    let depth = to.as_ref().map_or(0, |to| to.depth);
    let make = move |selector: &super::selector::Selector<'_>| {
        let link = match &to {
            Some(to) => link_to((to.make)(selector)?),
            None => link_elsewhere(),
        };
        Ok(attributes.iter().cloned().fold(link, |link, (key, said)| link.attr(key, said)))
    };
    Ok(LinkSaid { make: Arc::new(make), depth })
}

pub(super) fn read_links(node: &Node, takes: &Takes, maps: usize) -> Result<Condition, YamlError> {
    if let Takes::Link { is_there } = *takes {
        let LinkSaid { make, depth } = one_link(node, maps)?;
        let add = move |span: SpanExpectation, selector: &super::selector::Selector<'_>| {
            let link = make(selector)?;
            Ok(if is_there { span.link(link) } else { span.no_link(link) })
        };
        return Ok(Condition { add: Arc::new(add), depth: depth + 1 });
    }
    let These { list, in_order, or_more } = these(node, "links", true)?;
    let all: Vec<LinkSaid> = list.iter().map(|node| one_link(node, maps)).collect::<Result<_, _>>()?;
    let depth = 1 + all.iter().map(|link| link.depth).max().unwrap_or(0);
    let add = move |span: SpanExpectation, selector: &super::selector::Selector<'_>| {
        let made = all.iter().map(|link| (link.make)(selector)).collect::<Result<Vec<_>, _>>()?;
        Ok(match (in_order, or_more) {
            (true, false) => span.links(made),
            (false, false) => span.links_in_any_order(made),
            (false, true) => span.links_at_least(made),
            (true, true) => span.links_at_least_in_order(made),
        })
    };
    Ok(Condition { add: Arc::new(add), depth })
}
