"""The two sides that fuzz.py compares: real bluesky in a process that stays, and the skyspan program."""

import json
import os
import re
import select
import subprocess
import sys
from pathlib import Path

WORKER = Path(__file__).with_name("fuzz_worker.py")


class Hung(Exception):
    """bluesky did not end, or its process did."""


class Refused(Exception):
    """skyspan refused a plan file."""


class Crashed(Exception):
    """skyspan ended as it never should, or not at all."""


class Bluesky:
    """Runs plan files on real bluesky; a process that hangs is killed, and another one takes its place."""

    def __init__(self, timeout_s, scratch):
        self.timeout_s, self.scratch, self.process = timeout_s, scratch, None

    def run(self, plan_file, out_dir):
        if self.process is None:
            # Devices that write files do so where it is cleaned up.
            self.process = subprocess.Popen(
                [sys.executable, WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
                env={**os.environ, "TMPDIR": str(self.scratch)},
            )
        try:
            self.process.stdin.write(json.dumps([str(plan_file), str(out_dir)]) + "\n")
        except OSError as error:
            self.stop()
            raise Hung(f"bluesky: its process ended, {error}") from error
        if not select.select([self.process.stdout], [], [], self.timeout_s)[0]:
            self.stop()
            raise Hung(f"bluesky did not end within {self.timeout_s} s")
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            self.stop()
            raise Hung(f"bluesky: {answer or 'its process ended'}")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def run_fresh(plan_file, out_dir, timeout_s):
    """Runs a plan file in a process of its own, by the command line that everybody uses."""
    command = [sys.executable, WORKER.with_name("bluesky_oracle.py"), plan_file, out_dir]
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=timeout_s, text=True)
    except subprocess.TimeoutExpired as error:
        raise Hung(f"bluesky did not end within {timeout_s} s") from error
    if done.returncode:
        raise Hung(f"bluesky: {done.stderr[-500:]}")


class Skyspan:
    def __init__(self, program, timeout_s):
        self.program, self.timeout_s = program, timeout_s

    def run(self, plan_file, out_dir):
        command = [self.program, "run", plan_file, "--spans", "none", "--out", out_dir]
        try:
            done = subprocess.run(command, capture_output=True, timeout=self.timeout_s, text=True)
        except subprocess.TimeoutExpired as error:
            raise Crashed(f"skyspan did not end within {self.timeout_s} s") from error
        if done.returncode == 2:
            raise Refused(reason(done.stderr, plan_file))
        if done.returncode not in (0, 1):
            raise Crashed(f"skyspan ended with {done.returncode}: {done.stderr[-500:]}")


def reason(said, plan_file):
    """Why a plan file was refused, without the place in the file."""
    first = said.strip().split("\n")[0].replace(str(plan_file), "")
    return re.sub(r"^(skyspan:)?[ :\d]*", "", first)
