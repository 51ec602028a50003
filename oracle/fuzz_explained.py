"""Differences between bluesky 1.15.1 and skyspan that are meant, for fuzz.py. There are two kinds.

FAULTS are errors that bluesky raises from within, where by its documentation nothing is wrong. The worker notes which of
them has happened, at which message of which item, and about which streams of which run; compare_items.py says which lines of
that item they explain. All else is compared.

| fault | why |
|---|---|
| configure from the wrong cache | `configure` writes the descriptors of all streams of the device from the cache of the stream that was used last (since 1.15), and raises a bare KeyError if something is not in there |
| readings lost in the bundle | `declare_stream` or `collect` between `create` and `save` changes the cache in which `save` then looks for the readings (since 1.15); the event has no data and is invalid |
| readings forgotten in the bundle | for the same reason the next `read` in the bundle raises a bare KeyError |
| a nested flyer is declared | `declare_stream` with `collect` takes a flyer that gives its one stream by name, and then puts the stream where a data key belongs; the descriptor is invalid, or another than the stream has already |
| a refused bundle is open | `create` without a name is refused, and leaves a bundle open all the same |
| a wait watches nothing | a `wait` that watches a group in which nothing is fails on the empty group, which cancels the wait and aborts the run |
| a wait watches what has failed | a group that nobody waited for keeps its failure for ever: a later `wait` that watches it is cancelled at once, and aborts the run |
| a suspension in an end | what suspends while the plan is being ended is put on top of it, and then refused; its clean-up waits all the same |
| monitors in a suspension | stay on in it, and are subscribed once more after it: each event comes twice from then on |
| a monitor, a first read, a declaration or a collection is cut in two | a pause or an end that is asked for comes where it describes the device, though that takes no time; skyspan executes a message to its end whose answer is there at once |
| interruptions not counted | the first rewind after `open_run` forgets the counter of the interruptions, so that the next pause raises a KeyError, and leaves the engine neither running nor paused |

MENDS change the recording of bluesky to what skyspan is meant to write instead, before the two are compared;
DIFFERENCES.md has each in its tables.
"""

import json
import re
import shutil

from bluesky.bundlers import RunBundler
from bluesky.run_engine import RunEngine
from compare import concatenated

FAULTS = {
    "configure from the wrong cache": (RunBundler, "configure", "KeyError"),
    "readings lost in the bundle": (RunBundler, "save", "EventModelValidationError"),
    "readings forgotten in the bundle": (RunBundler, "read", "KeyError"),
    "a nested flyer is declared": (RunBundler, "declare_stream", "ValidationError"),
    "a nested flyer is declared for a stream that is": (RunBundler, "declare_stream", "EventModelValidationError"),
    "a refused bundle is open": (RunBundler, "create", "ValueError"),
    "interruptions not counted": (RunBundler, "record_interruption", "KeyError"),
    "a wait watches nothing": (RunEngine, "_wait_for", "ValueError"),
    "a monitor is cut in two": (RunBundler, "monitor", "CancelledError"),
    "a first read is cut in two": (RunBundler, "read", "CancelledError"),
    "a declaration is cut in two": (RunBundler, "declare_stream", "CancelledError"),
    "a collection is cut in two": (RunBundler, "collect", "CancelledError"),
}
NOTED = "known_faults.json"
# The streams of devices that are monitored: those that the fuzzer names, and those that bluesky does.
MONITORED = ["*_monitor", "#*"]


def watch(noted, where):
    """Adds to a list the faults of bluesky as they happen, each with where that is; the errors go their way."""
    for name, (owner, method, error) in FAULTS.items():
        watched = watched_coroutine if method != "record_interruption" else watched_function
        setattr(owner, method, watched(getattr(owner, method), lambda caught, of, name=name, error=error: note(caught, of, name, error)))

    def note(error, of, name, error_name):
        if type(error).__name__ == error_name:
            noted.append({"name": name, "streams": streams_of(*of), **where()})

    RunEngine._wait = watched_wait(RunEngine._wait, lambda: noted.append({"name": "a wait watches what has failed", "streams": [], **where()}))
    RunEngine.request_suspend = watched_request(RunEngine.request_suspend, lambda: noted.append({"name": "a suspension in an end", "streams": [], **where()}))
    of_monitors = {"name": "monitors in a suspension", "streams": MONITORED}
    RunEngine._start_suspender = watched_suspension(RunEngine._start_suspender, lambda: noted.append({**of_monitors, **where()}))


def watched_request(method, note):
    def requesting(engine, *args, **kwargs):
        if engine.state in ("aborting", "stopping", "halting"):
            note()
        return method(engine, *args, **kwargs)

    return requesting


def watched_suspension(method, note):
    async def starting(engine, msg):
        if any(bundler._monitor_params for bundler in engine._run_bundlers.values()):
            note()
        return await method(engine, msg)

    return starting


def watched_wait(method, note):
    async def waiting(engine, msg):
        watched = [future() for group in msg.kwargs.get("watch") or () for future in engine._groups.get(group, ())]
        if any(future.done() and future.exception() for future in watched):
            note()
        return await method(engine, msg)

    return waiting


def streams_of(bundler, msg=None, *_):
    """The streams that a fault is about: that which a message names, that of the open bundle, those of its device. A name that
    ends with `*` stands for all that begin so; nothing at all for those of a message that is about no run."""
    if not isinstance(bundler, RunBundler):
        return []
    if msg is None:
        # A pause also begins the monitors anew.
        return ["interruptions", *MONITORED]
    objs = [obj for obj in (msg.obj, *msg.args) if hasattr(obj, "name")]
    streams = {msg.kwargs.get("name"), getattr(bundler, "_bundle_name", None)}
    if msg.command == "monitor":
        streams |= {f"{obj.name}_monitor" for obj in objs}
    if msg.command == "configure":
        streams |= {stream for stream, known in bundler._descriptor_objs.items() if set(objs) & set(known)}
    if msg.command == "declare_stream":
        streams |= {f"{obj.name}_*" for obj in objs}  # a nested flyer gives its streams by name
    return sorted(stream for stream in streams if isinstance(stream, str))


def watched_coroutine(method, note):
    async def watching(*args, **kwargs):
        try:
            return await method(*args, **kwargs)
        except BaseException as error:  # a CancelledError is no Exception
            note(error, args)
            raise

    return watching


def watched_function(method, note):
    def watching(*args, **kwargs):
        try:
            return method(*args, **kwargs)
        except Exception as error:
            note(error, args[:1])
            raise

    return watching


def faults_of(recording):
    """The faults that the worker has noted beside a recording."""
    noted = recording / NOTED
    return json.loads(noted.read_text()) if noted.exists() else []


def attributes_with_types(spans):
    """No attribute is null, and a list of several types, or with nulls, lists or maps in it, is one of JSON texts."""
    return [{**span, "attributes": typed(span["attributes"] or {})} for span in spans]


def typed(attributes):
    kept = {key: value for key, value in attributes.items() if value is not None}
    if isinstance(kept.get("msg.args"), list):
        kept["msg.args"] = typed_list(kept["msg.args"])
    return kept


def typed_list(values):
    kinds = {float if type(value) is int else type(value) for value in values}
    plain = len(kinds) < 2 and not kinds & {list, dict, type(None)}
    return values if plain else [json.dumps(value) for value in values]


MENDS = [attributes_with_types]


MEANT_LINES = {
    "a device is described as it was": re.compile(
        r'documents\[\d+\]\[1\]\.data_keys\.\w+\.dtype: bluesky "(integer|number)", skyspan "(integer|number)"'
    ),
    "flyers are collected in no order": re.compile(r"documents\[\d+\]\[1\]\.(\(objects\)|configuration|object_keys|name)"),
    "a monitor keeps an old descriptor": re.compile(r'documents\[\d+\]\[1\]\.descriptor: bluesky "#\d+", skyspan "#\d+"'),
}


def meant_in(spec, lines):
    """What is different on purpose by the differences themselves: the names of the reasons, and the lines that have none.

    bluesky describes a device by an old value, of another type, in two cases: the setpoint of an axis of ophyd.sim by the
    value that was read last, and a device that is monitored by what another stream knows of it. The events of a monitor keep
    the descriptor that `configure` has replaced. At the end of a call bluesky collects the flyers that were left in the order
    of a set, which is another one each time. And a `monitor` that an abort has come before is cut in two, without its
    descriptor."""
    text, names, rest = json.dumps(spec), set(), []
    for line in lines:
        of_line = [name for name, pattern in MEANT_LINES.items() if pattern.search(line)]
        of_line = [name for name in of_line if all(word in text for word in WORDS.get(name, ()))]
        names.update(of_line)
        rest += [] if of_line else [line]
    return sorted(names), rest


WORDS = {"a monitor keeps an old descriptor": ("monitor", "configure"), "flyers are collected in no order": ("fly",)}

POSITION_WRAPS = ("relative_set", "reset_positions", "lazily_stage")
USES = ("set", "read", "trigger", "kickoff")


def is_about_nothing(item):
    """Whether an item is different on purpose from a message about no device on: preprocessors leave such a message alone, and the
    engine refuses it; bluesky's look for the device themselves, and fail each in its way."""
    return about_nothing(item)


def about_nothing(node, in_wrap=False):
    if isinstance(node, list):
        return any(about_nothing(part, in_wrap) for part in node)
    if not isinstance(node, dict):
        return False
    if in_wrap and node.get("command") in USES and not node.get("obj"):
        return True
    in_wrap = in_wrap or node.get("wrap") in POSITION_WRAPS
    return any(about_nothing(part, in_wrap) for part in node.values())


def mend(recording, mended):
    """Copies a recording of bluesky, with all mends; gives the names of those that changed something."""
    shutil.copytree(recording, mended, dirs_exist_ok=True)
    spans, names = concatenated(recording / "spans.json"), []
    for change in MENDS:
        before, spans = spans, change(spans)
        if spans != before:
            names.append(change.__name__.replace("_", " "))
    (mended / "spans.json").write_text("\n".join(json.dumps(span) for span in spans))
    return names
