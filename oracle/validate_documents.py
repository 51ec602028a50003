#!/usr/bin/env python3
"""Check recorded documents against the JSON schemas of the installed event-model.

usage: validate_documents.py DIR...

Each directory holds documents.jsonl, as `skyspan run --out` writes it. Besides the schema of each document it is checked
that an event has the data keys of its descriptor, as event-model does when it composes one.

Prints what does not conform; exits 0 where everything does, 1 otherwise.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from event_model import DocumentNames, schema_validators


def faults(path):
    descriptors = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        name, doc = json.loads(line)
        for error in schema_validators[DocumentNames[name]].iter_errors(doc):
            yield f"{path}:{number}: {name}: {error.message}"
        if name == "descriptor":
            descriptors[doc["uid"]] = {
                key for key, described in doc["data_keys"].items() if described.get("external") != "STREAM:"
            }
        if name in ("event", "event_page") and not descriptors[doc["descriptor"]] == set(doc["data"]) == set(doc["timestamps"]):
            yield f"{path}:{number}: {name}: its data keys are not those of its descriptor"


def main(directories):
    paths = [Path(directory) / "documents.jsonl" for directory in directories]
    found = [fault for path in paths for fault in faults(path)]
    print("\n".join(found))
    names = Counter(json.loads(line)[0] for path in paths for line in path.read_text().splitlines())
    print(", ".join(f"{count} {name}" for name, count in sorted(names.items())))
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
