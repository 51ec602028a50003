"""What is asked of the program, whatever it is given."""

import os
import re
import resource
import signal
import stat
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

# A process may have so much of each. What the limits of the program allow fits in.
SECONDS_MAX = 20
MEMORY_MAX_MB = 700
OUTPUT_MAX = 64 << 20
# A refusal is read by people.
REFUSAL_MAX = 3_000
# Characters that a terminal obeys, and those that turn the direction of a text or are not seen.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass
class Ended:
    code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    memory_mb: float
    hung: bool = False


def run(arguments, seconds_max=SECONDS_MAX):
    """Runs the program, with limits, and without standard input."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        def limits():
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_MAX, OUTPUT_MAX))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        began = time.monotonic()
        child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=limits)
        hung = threading.Event()

        def give_up():
            hung.set()
            child.kill()

        timer = threading.Timer(seconds_max, give_up)
        timer.start()
        _, status, used = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        return Ended(child.returncode, out.read(), err.read(), seconds, used.ru_maxrss / 1024, hung.is_set())


@dataclass
class Judgement:
    ended: str
    refusal: str = ""
    wrongs: list = field(default_factory=list)

    @classmethod
    def of(cls, ended, path, prints_bytes=False):
        judgement = cls({0: "ran", 1: "failed", 2: "refused"}.get(ended.code, f"exit code {ended.code}"))
        wrong = judgement.wrongs.append
        errors = ended.stderr.decode(errors="replace")
        if ended.hung:
            wrong(f"it did not end within {ended.seconds:.0f} s")
        elif ended.code < 0:
            wrong(f"killed by {signal.Signals(-ended.code).name}")
        elif ended.code not in (0, 1, 2):
            wrong(f"exit code {ended.code}")
        if "panicked at" in errors or "RUST_BACKTRACE" in errors:
            wrong("it panicked")
        if ended.memory_mb > MEMORY_MAX_MB:
            wrong(f"it took {ended.memory_mb:.0f} MB")
        streams = {"standard error": ended.stderr, **({} if prints_bytes else {"standard output": ended.stdout})}
        for name, stream in streams.items():
            try:
                stream.decode()
            except UnicodeDecodeError as error:
                wrong(f"{name} is no UTF-8: {error}")
        if obeyed := OBEYED.search(errors):
            wrong(f"standard error has the character U+{ord(obeyed.group()):04X}")
        if ended.code == 1 and not errors.strip():
            wrong("it failed, and says nothing")
        if ended.code == 2 and not ended.hung:
            judgement.refusal = errors.strip()
            for said in is_no_refusal(errors, path):
                wrong(said)
        return judgement


def is_no_refusal(errors, path):
    """What a refusal has not that a person needs."""
    if not errors.startswith("skyspan: "):
        yield "the refusal does not say who speaks"
    last = errors.strip().splitlines()[-1] if errors.strip() else ""
    if not last:
        yield "it is refused without a word"
        return
    if len(errors) > REFUSAL_MAX:
        yield f"the refusal has {len(errors)} characters"
    about = errors.replace(str(path), "FILE")
    if "FILE" not in about and "the query" not in about:
        yield "the refusal does not name the file"
    if not re.search(r"expected|cannot|must|may|unknown|only|no spans?|limit|not |cut off", about):
        yield "the refusal does not say what was expected"


def kind_of_refusal(refusal, path):
    """The refusal without what differs from one input to the next."""
    text = refusal.splitlines()[-1].replace(str(path), "FILE")
    text = re.sub(r'"(?:[^"\\]|\\.)*"?', '"…"', text)
    text = re.sub(r"`[^`]*`?", "`…`", text)
    return re.sub(r"0x[0-9a-f]+|\d[\d,._]*", "0", text)[:160]


# What a program may do wrong, as a shell script, and the word by which it must be told.
WRONGS = {
    "panics": ("echo \"thread 'main' panicked at src/main.rs:1:1\" >&2; exit 101", "panicked"),
    "hangs": ("while :; do :; done", "did not end"),
    "is killed": ("kill -SEGV $$", "SIGSEGV"),
    "eats memory": ("exec python3 -c 'x = bytearray(900 << 20)'", "MB"),
    "fails in silence": ("exit 1", "says nothing"),
    "refuses in silence": ("exit 2", "without a word"),
    "refuses without a file": ("echo 'skyspan: expected a plan' >&2; exit 2", "does not name the file"),
    "refuses without a reason": ('echo "skyspan: $2: bad" >&2; exit 2', "what was expected"),
    "is told what to do by a file": ('printf "skyspan: %s: expected \\033[2J" "$2" >&2; exit 2', "U+001B"),
    "prints no UTF-8": ("printf 'a\\377'", "no UTF-8"),
    "has an exit code of its own": ("exit 7", "exit code 7"),
}


def self_test():
    """Lets a program do each wrong, and sees that it is noticed; a good one is not blamed."""
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        def judged(name, script):
            program = Path(folder) / name.replace(" ", "-")
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            path = Path(folder) / "input.yaml"
            return Judgement.of(run([program, "run", str(path)], 1 if name == "hangs" else SECONDS_MAX), path).wrongs

        for name, (script, word) in WRONGS.items():
            wrongs = judged(name, script)
            if not any(word in wrong for wrong in wrongs):
                missed.append(f"a program that {name} is not noticed: {wrongs}")
        good = judged("good", 'echo "skyspan: $2:1:1: expected a plan file, found nothing" >&2; exit 2')
        if good:
            missed.append(f"a good program is blamed: {good}")
    print("\n".join(missed) or f"{len(WRONGS)} wrongs, each noticed")
    return 1 if missed else 0
