# SPDX-License-Identifier: Apache-2.0
"""cc_fuzz_test: one fuzz target as a test, a fuzzer, and a corpus.

The surface is that of rules_fuzzing, which can take this file's place.
"""

_SANITIZERS = ["-fsanitize=address,undefined"]

_COPTS = [
    "-O2",
    "-UNDEBUG",
    "-U_FORTIFY_SOURCE",
    "-fno-omit-frame-pointer",
    "-gline-tables-only",
]

def _without_instrumentation(flags):
    return [
        flag
        for flag in flags
        if not flag.startswith("-fsanitize") and
           not flag.startswith("-fno-sanitize") and
           not flag.startswith("-O")
    ]

def _libfuzzer_transition_impl(settings, attr):
    copt = _without_instrumentation(settings["//command_line_option:copt"])
    linkopt = _without_instrumentation(
        settings["//command_line_option:linkopt"],
    )
    copt += _COPTS
    if not attr.trace_cmp:
        copt.append("-fno-sanitize-coverage=trace-cmp")
    if attr.sanitize:
        copt += _SANITIZERS + ["-fno-sanitize-recover=all"]
        linkopt += _SANITIZERS + ["-fsanitize-link-c++-runtime"]
    return {
        "//command_line_option:compilation_mode": "opt",
        "//command_line_option:copt": copt,
        "//command_line_option:linkopt": linkopt,
        "//command_line_option:strip": "never",
        "//ci:coverage": True,
        "//fuzz:engine": "//fuzz:libfuzzer_engine",
    }

_libfuzzer_transition = transition(
    implementation = _libfuzzer_transition_impl,
    inputs = [
        "//command_line_option:copt",
        "//command_line_option:linkopt",
    ],
    outputs = [
        "//command_line_option:compilation_mode",
        "//command_line_option:copt",
        "//command_line_option:linkopt",
        "//command_line_option:strip",
        "//ci:coverage",
        "//fuzz:engine",
    ],
)

def _libfuzzer_binary_impl(ctx):
    binary = ctx.attr.binary[0][DefaultInfo]
    link = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = link,
        target_file = binary.files_to_run.executable,
        is_executable = True,
    )
    runfiles = ctx.runfiles([link]).merge(binary.default_runfiles)
    return [DefaultInfo(executable = link, runfiles = runfiles)]

# The binary and all its C++ dependencies, built for libFuzzer whatever the
# command line asks of everything else. Hence any target can have it as data.
_libfuzzer_binary = rule(
    implementation = _libfuzzer_binary_impl,
    executable = True,
    attrs = {
        "binary": attr.label(cfg = _libfuzzer_transition, mandatory = True),
        "sanitize": attr.bool(doc = "Whether ASan and UBSan watch."),
        "trace_cmp": attr.bool(doc = "Whether libFuzzer sees comparisons."),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)

# Directories are merged. Of two files with the same name, the second gets a
# number.
_COLLECT = """
out=$1; shift
n=0
for file; do
  name=$(basename "$file")
  if [ -d "$file" ]; then cp -RL "$file/." "$out"
  elif [ -e "$out/$name" ]; then n=$((n + 1)); cp -L "$file" "$out/$n-$name"
  else cp -L "$file" "$out/$name"
  fi
done
"""

def _fuzz_corpus_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    args = ctx.actions.args()
    args.add(out.path)
    args.add_all(ctx.files.srcs, expand_directories = False)
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = [out],
        arguments = [args],
        command = _COLLECT,
        mnemonic = "FuzzCorpus",
    )
    return [DefaultInfo(
        files = depset([out]),
        runfiles = ctx.runfiles([out]),
    )]

# One directory that holds a copy of every file of srcs.
_fuzz_corpus = rule(
    implementation = _fuzz_corpus_impl,
    attrs = {"srcs": attr.label_list(allow_files = True)},
)

def cc_fuzz_test(
        name,
        srcs,
        deps = [],
        corpus = [],
        dicts = [],
        copts = [],
        data = [],
        custom_mutator = False,
        size = "small",
        tags = [],
        testonly = True,
        visibility = None):
    """Defines the targets of one LLVMFuzzerTestOneInput.

    <name>                  cc_test: runs the corpus and the empty input.
    <name>_run              runs libFuzzer: bazel run //fuzz:<name>_run -- ARGS
    <name>_libfuzzer        the fuzzer, with ASan and UBSan.
    <name>_libfuzzer_nosan  the fuzzer alone, several times faster.
    <name>_corpus           directory of the initial inputs.
    <name>_dict             the dictionary, if there are dicts.
    <name>_bin              the target with whatever //fuzz:engine is set to.

    Args:
      name: the name of the test.
      srcs: the sources of the fuzz target.
      deps: what they depend on.
      corpus: files, or targets whose outputs are files or directories.
      dicts: libFuzzer dictionaries.
      copts: flags for srcs alone.
      data: files the target reads.
      custom_mutator: whether deps have a mutator of their own. libFuzzer then
        has no use for what the code compares, which costs a quarter of the
        speed to watch.
      size: the size of the test.
      tags: tags of the test; "manual" is added to all but the test.
      testonly: whether only tests may use the targets.
      visibility: who may use the targets.
    """
    hidden = {
        "tags": tags + ["manual"],
        "testonly": testonly,
        "visibility": visibility,
    }
    native.cc_library(
        name = name + "_target",
        srcs = srcs,
        alwayslink = True,
        copts = copts,
        data = data,
        deps = deps,
        tags = tags,
        testonly = testonly,
        visibility = ["//visibility:private"],
    )
    link = [":" + name + "_target", "//fuzz:engine"]
    _fuzz_corpus(name = name + "_corpus", srcs = corpus, **hidden)

    # libFuzzer, too, only replays when told -runs=0.
    native.cc_test(
        name = name,
        size = size,
        args = ["-runs=0", "$(rootpath :%s_corpus)" % name],
        data = [":" + name + "_corpus"],
        deps = link,
        tags = tags,
        visibility = visibility,
    )
    native.cc_binary(name = name + "_bin", deps = link, **hidden)
    for suffix in ["_libfuzzer", "_libfuzzer_nosan"]:
        _libfuzzer_binary(
            name = name + suffix,
            binary = ":" + name + "_bin",
            sanitize = suffix == "_libfuzzer",
            trace_cmp = not custom_mutator,
            **hidden
        )

    run_args = ["_libfuzzer", "_corpus"]
    if dicts:
        native.genrule(
            name = name + "_dict",
            srcs = dicts,
            outs = [name + ".dict"],
            cmd = "cat $(SRCS) > $@",
            **hidden
        )
        run_args.append("_dict")
    native.sh_binary(
        name = name + "_run",
        srcs = ["//fuzz:run.sh"],
        args = ["$(rootpath :%s%s)" % (name, suffix) for suffix in run_args] +
               ["--"],
        data = [":" + name + suffix for suffix in run_args],
        **hidden
    )
