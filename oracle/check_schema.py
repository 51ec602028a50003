#!/usr/bin/env python3
"""Hold plan files against the JSON Schema of `skyspan schema`, or check files against that of `skyspan schema check`.

usage: check_schema.py SCHEMA PLAN_FILE...

Every file must be valid; and of each of the wrong ones below, the schema must say so.
Needs: pip install jsonschema pyyaml
"""

import json
import sys

import jsonschema
import yaml

WRONG = [
    "items: [{item_type: plan, nme: scan}]",
    "items: [{item_type: messages, messages: [{wrap: stage, devices: det, body: []}]}]",
    "devices: [{name: m, class: SimMotor, velocity: -1}]\nitems: []",
    "expect: [{exit_status: sucess}]\nitems: []",
    "items: [{item_type: plan, name: count, expect: [{count: 3}]}]",
]
WRONG_CHECKS = [
    "[]",
    "- {exit_status: success, duration: 8 s}",
    "- {spans: '{}', each: {durtion: 1 s}}",
    "- {spans: '{}', each: {attributes: {a: {glob: x, regex: y}}}}",
    "- {lint: {without: [orphans]}}",
    "version: 2\nexpect: [exit_status: success]",
]


def main(schema_file, *plan_files):
    with open(schema_file) as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = 0
    for plan_file in plan_files:
        with open(plan_file) as f:
            error = jsonschema.exceptions.best_match(validator.iter_errors(yaml.safe_load(f)))
        if error is not None:
            failed += 1
            print(f"{plan_file}: {error.json_path}: {error.message}")
    for text in WRONG_CHECKS if "check file" in schema["title"] else WRONG:
        if validator.is_valid(yaml.safe_load(text)):
            failed += 1
            print(f"should be refused: {text}")
    print(f"{len(plan_files)} files, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
