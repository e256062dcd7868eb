#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Holds the triage documents of the tests against their schema, the schema
# against what it should refuse, and the guide against the schema.
set -euo pipefail

canaries=$TEST_TMPDIR/canaries.json
triage/report/canary_document >"$canaries"
python3 - triage/testdata/report.json "$canaries" <<'EOF'
import copy
import json
import sys

import jsonschema

with open("docs/triage.schema.json") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

failed = False
for path in sys.argv[1:]:
    with open(path) as file:
        document = json.load(file)
    for error in validator.iter_errors(document):
        print(f"{path}: {error.json_path}: {error.message[:300]}")
        failed = True


def refused(change):
    changed = copy.deepcopy(document)
    change(changed)
    return not validator.is_valid(changed)


# What the schema knows, the guide explains.
def names(node):
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for value in node.values():
            yield from names(value)
    elif isinstance(node, list):
        for value in node:
            yield from names(value)


with open("docs/triage.md") as file:
    guide = file.read()
for name in sorted(set(names(schema))):
    if f"`{name}" not in guide:
        print(f"docs/triage.md says nothing of `{name}`")
        failed = True

finding = lambda d: d["bugs"][0]["findings"][0]
assert refused(lambda d: d.update(version=2))
assert refused(lambda d: d.update(when="today"))
assert refused(lambda d: d.pop("bugs"))
assert refused(lambda d: d["bugs"][0].update(status="old"))
assert refused(lambda d: finding(d).pop("trace"))
assert refused(lambda d: finding(d).update(directory="/tmp/x"))
assert refused(lambda d: finding(d)["before"]["rows"][0].update(start=4096))
sys.exit(failed)
EOF
