"""Reduces a plan file to the shortest that still shows what fuzz.py has found."""

import copy
import re

# What a node cannot do without; other nodes are made by unwrapping.
NEEDED = {"command", "plan", "wrap", "span", "repeat", "raise", "until", "show", "catch", "item_type", "name", "class", "body"}
BODIES = ("body", "catch", "except", "else", "final", "messages")


def kind(difference):
    """A line of a difference without its numbers and places, so that the same kind in another file is the same text."""
    text = re.sub(r"\[\d+\]", "[]", difference)
    return re.sub(r"#?-?\d+(\.\d+)?", "N", text)


def reduce(spec, still_shows, tries):
    """The smallest plan file for which `still_shows(spec)` holds, as far as that many tries go."""
    seen = {repr(spec)}
    progress = True
    while progress and tries > 0:
        progress = False
        for smaller in candidates(spec):
            if repr(smaller) in seen:
                continue
            seen.add(repr(smaller))
            tries -= 1
            if still_shows(smaller):
                spec, progress = smaller, True
                break
            if tries <= 0:
                break
    return spec


def candidates(spec):
    """Smaller plan files, those first that are likely to be much smaller."""
    for path, nodes in lists_of_nodes(spec):
        size = len(nodes)
        while size > 0:
            for start in range(0, len(nodes), size):
                if not (path == ("items",) and size == len(nodes)):
                    yield replaced(spec, path, nodes[:start] + nodes[start + size :])
            size //= 2
    yield from unwrapped(spec)
    yield from trimmed(spec)
    yield from simpler_values(spec)


def lists_of_nodes(tree, path=()):
    """The path and the nodes of each list of items or steps, from the outside in."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if isinstance(value, list) and (key in BODIES or not path and key == "items"):
                yield (*path, key), value
            if key in BODIES or not path and key == "items":
                yield from lists_of_nodes(value, (*path, key))
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from lists_of_nodes(value, (*path, at))


def unwrapped(spec):
    """Each node that has a body, replaced by its body."""
    for path, nodes in lists_of_nodes(spec):
        for at, node in enumerate(nodes):
            for key in BODIES[:-1]:
                if isinstance(node.get(key), list):
                    yield replaced(spec, path, nodes[:at] + node[key] + nodes[at + 1 :])


def trimmed(spec):
    """Without an option, an argument, an action at a pause, or a device that nothing names."""
    for key in ("engine", "resource", "devices"):
        if key in spec:
            yield {name: value for name, value in spec.items() if name != key}
    for at in range(len(spec.get("devices", []))):
        yield replaced(spec, ("devices",), spec["devices"][:at] + spec["devices"][at + 1 :])
    for path, tree in parts(spec):
        if isinstance(tree, dict):
            for key in tree:
                if key not in NEEDED:
                    yield replaced(spec, path, {name: value for name, value in tree.items() if name != key})
        elif isinstance(tree, list) and path[-1] not in BODIES and path[0] != "devices" and path != ("items",):
            for at in range(len(tree)):
                yield replaced(spec, path, tree[:at] + tree[at + 1 :])


def simpler_values(spec):
    for path, value in parts(spec):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if path[-1] in ("repeat",) and value > 2:
            yield replaced(spec, path, 2)
        elif path[-1] not in ("repeat", "delay", "after", "timeout", "nth") and value != 1:
            yield replaced(spec, path, 1)


def parts(tree, path=()):
    """Every part of a tree but the whole, with its path."""
    if path:
        yield path, tree
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in entries:
        yield from parts(value, (*path, key))


def replaced(spec, path, value):
    spec = copy.deepcopy(spec)
    at = spec
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = copy.deepcopy(value)
    return spec
