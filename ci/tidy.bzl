# SPDX-License-Identifier: Apache-2.0
"""clang-tidy as an aspect: bazel build --config=tidy //...

Bazel knows each file's flags and which results still hold, so that a second
run looks only at what has changed.
"""

def _flags(ctx, compilation_context):
    flags = list(ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts)
    flags += getattr(ctx.rule.attr, "copts", [])
    flags += ["-iquote", "."]
    flags += ["-D" + name for name in compilation_context.defines.to_list()]
    for option, directories in [
        ("-I", compilation_context.includes),
        ("-iquote", compilation_context.quote_includes),
        ("-isystem", compilation_context.system_includes),
    ]:
        for directory in directories.to_list():
            flags += [option, directory]
    return flags

def _files(ctx, attribute):
    return [
        file
        for target in getattr(ctx.rule.attr, attribute, [])
        for file in target.files.to_list()
    ]

def _tidy_impl(target, ctx):
    if ctx.label.workspace_root or not ctx.rule.kind.startswith("cc_"):
        return []
    compilation_context = cc_common.merge_cc_infos(cc_infos = [
        dep[CcInfo]
        for dep in getattr(ctx.rule.attr, "deps", [])
        if CcInfo in dep
    ]).compilation_context
    sources = _files(ctx, "srcs")
    inputs = depset(
        sources + _files(ctx, "hdrs") + [ctx.file._config],
        transitive = [compilation_context.headers],
    )
    results = []
    for source in sources:
        if not source.is_source or source.extension != "cc":
            continue
        result = ctx.actions.declare_file(
            "%s_tidy/%s.ok" % (ctx.label.name, source.basename),
        )
        ctx.actions.run_shell(
            inputs = inputs,
            outputs = [result],
            arguments = [source.path] + _flags(ctx, compilation_context),
            command = """
source=$1; shift
clang-tidy-19 --quiet --config-file={config} "$source" -- -xc++ "$@" \
  >{result} 2>/dev/null && exit
sed "s|$PWD/||g" {result}
exit 1
""".format(config = ctx.file._config.path, result = result.path),
            mnemonic = "ClangTidy",
            progress_message = "Checking " + source.short_path,
        )
        results.append(result)
    return [OutputGroupInfo(tidy = depset(results))]

tidy = aspect(
    implementation = _tidy_impl,
    attrs = {
        "_config": attr.label(
            allow_single_file = True,
            default = "//:.clang-tidy",
        ),
    },
    fragments = ["cpp"],
)
