# SPDX-License-Identifier: Apache-2.0
"""SUBJECT: what marks the code that a fuzzer is to explore."""

# Copts for the code that a fuzzer tests, and for no other. Judges, generators
# and fuzz targets without coverage counters are faster, and what happens in
# them does not look like progress. Every floor may load this; fuzz.bzl is
# above most.
SUBJECT = select({
    "//ci:with_coverage": ["-fsanitize=fuzzer-no-link"],
    "//conditions:default": [],
})

def _coverage_switch_impl(_ctx):
    return []

# Only the transition of fuzz.bzl turns it on.
coverage_switch = rule(
    implementation = _coverage_switch_impl,
    build_setting = config.bool(),
)
