"""Changes of files: of their bytes, of their lines, and of what stands in them."""

import json
import re

# What is put where a word or a number stood: ends of ranges, other types, what is long or deep, what terminals obey.
HOSTILE = [
    b"0", b"-1", b"1e400", b"-1e400", b"1e-400", b"NaN", b"-Infinity", b".nan", b".inf", b"9223372036854775807", b"9223372036854775808",
    b"18446744073709551616", b"1" + b"0" * 40, b"1000000000000", b"4294967296", b"0x7fffffffffffffff", b"0.1e-9", b"1_000", b"null", b"~",
    b"true", b'""', b"''", b"[]", b"{}", b"[[]]", b'{"a": {}}', b"motor", b"det", b"[det]", b"[motor, 0, 10]", b"count", b"scan", b"messages",
    b"2026-11-29T00:00:00Z", b"1970-01-01T00:00:00Z", b"9999-12-31T23:59:59.999999999Z", b"-00:30", b'"\\u202e"', b"\xe2\x80\xae", b"\x1b[2J",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"\\ud800"', b"&a", b"*a", b"<<", b"!!python/object:os.system", b"--- ", b"...", b"\t", b"#",
    b"a" * 5_000, b"\xc3\xa9" * 3_000, b"[" * 300, b"{a: " * 300, b'"\\n"', b"|\n", b">-\n",
]
TOKEN = re.compile(rb"-?\d[\d.eE+-]*|[A-Za-z_][A-Za-z0-9_]*|\"[^\"\n]*\"")
SIZE_MAX = 3_000_000


def mutated(data, others, chance):
    """The bytes, changed once to four times: mostly what stands in them, so that most of it can still be read, and seldom their form."""
    data = data[:200_000]
    meaning = [token_replaced, token_replaced, number_changed, json_changed, json_changed, line_doubled, lines_swapped, line_left_out]
    form = [flip, cut_out, doubled, put_in, spliced, cut_off, repeated, nested, endings, encoded, lines_indented]
    for _ in range(chance.choice([1, 1, 1, 1, 2, 2, 3, 4])):
        change = chance.choice(meaning if chance.random() < 0.7 else form)
        data = change(data, others, chance)[:SIZE_MAX]
    return data


def place(data, chance):
    return chance.randrange(len(data) + 1)


def stretch(data, chance, most=200):
    begin = place(data, chance)
    return begin, min(len(data), begin + chance.randrange(most) + 1)


def flip(data, _, chance):
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 20])):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def cut_out(data, _, chance):
    begin, end = stretch(data, chance)
    return data[:begin] + data[end:]


def doubled(data, _, chance):
    begin, end = stretch(data, chance)
    return data[:end] + data[begin:end] + data[end:]


def put_in(data, _, chance):
    at = place(data, chance)
    return data[:at] + chance.choice(HOSTILE) + data[at:]


def spliced(data, others, chance):
    other = chance.choice(others)[:200_000]
    begin, end = stretch(other, chance, 2_000)
    at = place(data, chance)
    return data[:at] + other[begin:end] + data[at + chance.choice([0, end - begin]):]


def cut_off(data, _, chance):
    return data[: place(data, chance)]


def lines_swapped(data, _, chance):
    lines = data.splitlines(keepends=True)
    if len(lines) > 1:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def line_doubled(data, _, chance):
    lines = data.splitlines(keepends=True)
    if lines:
        at = chance.randrange(len(lines))
        lines.insert(at, lines[at])
    return b"".join(lines)


def line_left_out(data, _, chance):
    lines = data.splitlines(keepends=True)
    if lines:
        del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def lines_indented(data, _, chance):
    lines = data.splitlines(keepends=True)
    begin, end = stretch(lines, chance, 10)
    return b"".join(lines[:begin] + [b" " * chance.choice([1, 2, 4]) + line for line in lines[begin:end]] + lines[end:])


def token(data, chance):
    tokens = list(TOKEN.finditer(data))
    return chance.choice(tokens) if tokens else None


def token_replaced(data, others, chance):
    old = token(data, chance)
    if old is None:
        return put_in(data, others, chance)
    new = chance.choice(HOSTILE) if chance.random() < 0.6 else getattr(token(chance.choice([data, *others]), chance), "group", lambda: b"x")()
    return data[: old.start()] + new + data[old.end():]


def json_changed(data, others, chance):
    """Another value at some place of a JSON text, or of one of its lines; what is none gets another word."""
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines)) if lines else 0
    for whole, text in ((True, data), (False, lines[at] if lines else b"")):
        try:
            tree = json.loads(text)
        except (ValueError, RecursionError):
            continue
        changed = json.dumps(value_changed(tree, chance)).encode()
        return changed + b"\n" if whole else b"".join([*lines[:at], changed + b"\n", *lines[at + 1:]])
    return token_replaced(data, others, chance)


def value_changed(tree, chance):
    """The tree with one value, key or entry that is another, doubled, or gone."""
    inner = [tree] if isinstance(tree, (dict, list)) else []
    for node in inner:
        inner.extend(value for value in (node.values() if isinstance(node, dict) else node) if isinstance(value, (dict, list)) and value)
    if not inner or not inner[0]:
        return chance.choice(VALUES)
    node = chance.choice(inner)
    key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
    match chance.randrange(6):
        case 0:
            del node[key]
        case 1 if isinstance(node, dict):
            node[chance.choice([str(key) + "x", "", "\u202e", "a" * 5_000])] = node.pop(key)
        case 1:
            node[key:key] = [node[key]] * chance.choice([1, 100, 2_000])
        case 2:
            node[key] = [node[key]]
        case 3 if isinstance(node[key], str):
            node[key] = chance.choice([node[key] * 2, node[key][:-1], node[key].upper(), node[key] + "\x1b[2J"])
        case 3 if isinstance(node[key], (int, float)):
            node[key] = chance.choice([-node[key], node[key] * 10**30, node[key] + 0.5, str(node[key])])
        case _:
            node[key] = chance.choice(VALUES)
    return tree


VALUES = [
    None, True, False, 0, -1, 2**63, 2**64, 10**40, 1e308, -1e-320, float("nan"), float("inf"), "", "0", "é" * 2_000, "\u202e\x1b[2J\x00", "\ud800",
    [], {}, [[]], {"a": {"b": []}}, [0] * 3_000, "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0x" + "f" * 32, "f" * 33,
]


def number_changed(data, others, chance):
    numbers = list(re.finditer(rb"-?\d+(?:\.\d+)?", data))
    if not numbers:
        return put_in(data, others, chance)
    old = chance.choice(numbers)
    new = chance.choice([b"-" + old.group(), old.group() + b"000000", b"0." + b"0" * 30 + b"1", old.group() + b".5", old.group()[:-1] or b"7"])
    return data[: old.start()] + new + data[old.end():]


def repeated(data, _, chance):
    """A stretch so often that what takes a time or a memory out of proportion shows."""
    begin, end = stretch(data, chance, 100)
    times = chance.choice([10, 100, 1_000, 10_000])
    return data[:end] + data[begin:end] * min(times, 1_000_000 // max(end - begin, 1)) + data[end:]


def nested(data, _, chance):
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}"), (b"{a: ", b"}"), (b"- ", b""), (b"(", b")")])
    times = chance.choice([3, 100, 300, 10_000])
    begin, end = stretch(data, chance, 40)
    return data[:begin] + opening * times + data[begin:end] + closing * times + data[end:]


def endings(data, _, chance):
    return data.replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n", b" \n", b"\xe2\x80\xa8"]))


def encoded(data, _, chance):
    text = data.decode("utf-8", "replace")
    return chance.choice([
        lambda: text.encode("utf-16"),
        lambda: text.encode("utf-16-be"),
        lambda: text.encode("utf-32"),
        lambda: text.encode("latin-1", "replace"),
        lambda: b"\xef\xbb\xbf" + data,
    ])()
