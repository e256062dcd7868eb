# SPDX-License-Identifier: Apache-2.0
"""SUBJECT, PROFILED: flags for the code that is tested, and for no other."""

# Copts for the code that a fuzzer tests, and for no other. Judges, generators
# and fuzz targets without coverage counters are faster, and what happens in
# them does not look like progress. Every floor may load this; fuzz.bzl is
# above most.
SUBJECT = select({
    "//ci:with_coverage": ["-fsanitize=fuzzer-no-link"],
    "//conditions:default": [],
})

# Copts and linkopts for the code whose coverage ci/coverage reports. Paths in
# the report begin where Bazel runs the compiler.
PROFILED = select({
    "//ci:with_profile": [
        "-fprofile-instr-generate",
        "-fcoverage-mapping",
        "-fcoverage-compilation-dir=.",
    ],
    "//conditions:default": [],
})

PROFILED_LINK = select({
    "//ci:with_profile": ["-fprofile-instr-generate"],
    "//conditions:default": [],
})

def _coverage_switch_impl(_ctx):
    return []

# The transition of fuzz.bzl turns SUBJECT on, and ci/coverage PROFILED.
coverage_switch = rule(
    implementation = _coverage_switch_impl,
    build_setting = config.bool(flag = True),
)
