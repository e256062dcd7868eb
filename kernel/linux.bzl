# SPDX-License-Identifier: Apache-2.0
"""Kernel sources as repositories: Debian's packages, and the user's own tree.

Each repository has the files of tree_files.txt and a defs.bzl:

    AVAILABLE  whether there is a kernel
    VERSION    "6.12.117", from its Makefile, or "unknown"
    SOURCE     for people: where it came from
    WHY        for people: why it is not available, or ""

and for C the same in a linux_source.h, as LINUX_AVAILABLE and so on. Where a
source is absent the repository loads all the same, without kernel files.

Bazel knows nothing of files outside the workspace, which are what these rules
are about. They learn of changes through a second repository of links to those
files: Bazel looks at a link's target before each build.
"""

_TREE_FILES = "//kernel:tree_files.txt"

_BUILD = """# SPDX-License-Identifier: Apache-2.0
package(default_visibility = ["//visibility:public"])

exports_files(%s)

filegroup(
    name = "files",
    srcs = %s,
)

# The kernel's headers, and its .c files to include. No `includes`: those would
# reach all that links the kernel's unit, and glibc has <linux/*.h> too.
cc_library(
    name = "headers",
    hdrs = ["linux_source.h"],
    textual_hdrs = %s,
)
"""

_DEFS = """# SPDX-License-Identifier: Apache-2.0
AVAILABLE = %s
VERSION = %s
SOURCE = %s
WHY = %s
"""

_HEADER = """/* SPDX-License-Identifier: Apache-2.0 */
#define LINUX_AVAILABLE %d
#define LINUX_VERSION %s
#define LINUX_SOURCE %s
#define LINUX_WHY %s
#define LINUX_ALTMAP_HAS_RESOURCE %d
"""

def _c_string(text):
    for char, escape in [("\\", "\\\\"), ("\"", "\\\""), ("\n", "\\n")]:
        text = text.replace(char, escape)
    return "\"%s\"" % text

def _tree_files(ctx, kinds = ["required", "optional", "unbuilt"]):
    lines = ctx.read(Label(_TREE_FILES)).split("\n")
    words = [line.split(" ") for line in lines]
    return [word[1] for word in words if word[0] in kinds]

def _version(ctx):
    if not ctx.path("Makefile").exists:
        return "unknown"
    fields = {}
    for line in ctx.read("Makefile").split("\n")[:20]:
        name, _, value = line.partition("=")
        fields[name.strip()] = value.strip()
    numbers = [
        fields.get(name, "")
        for name in ["VERSION", "PATCHLEVEL", "SUBLEVEL"]
    ]
    if not all(numbers):
        return "unknown"
    return ".".join(numbers) + fields.get("EXTRAVERSION", "")

def _without_comments(text):
    for begin, end in [("/*", "*/"), ("//", "\n")]:
        pieces = text.split(begin)
        text = pieces[0]
        for piece in pieces[1:]:
            text += " " + piece.partition(end)[2]
    return text

def _altmap_has_resource(ctx):
    """Whether struct vmem_altmap has pointers `parent` and `res`."""
    header = "include/linux/memremap.h"
    if not ctx.path(header).exists:
        return False
    text = _without_comments(ctx.read(header))
    for mark in ["{", "}", "*", ",", ";"]:
        text = text.replace(mark, " %s " % mark)
    for space in ["\t", "\n"]:
        text = text.replace(space, " ")
    text = " ".join([word for word in text.split(" ") if word])
    body = text.partition("struct vmem_altmap {")[2].partition("}")[0]
    return "* parent " in body and "* res " in body

def _finish(ctx, source, why = ""):
    files, built = [], []
    if not why:
        files = [file for file in _tree_files(ctx) if ctx.path(file).exists]
        unbuilt = _tree_files(ctx, ["unbuilt"])
        built = [file for file in files if file not in unbuilt]
    ctx.file("BUILD", _BUILD % (files, files, built))
    version = "unknown" if why else _version(ctx)
    texts = [version, source, why]
    available = not why
    defs = [repr(text) for text in texts]
    ctx.file("defs.bzl", _DEFS % tuple([available] + defs))
    header = [_c_string(text) for text in texts]
    has_resource = available and _altmap_has_resource(ctx)
    header = [int(available)] + header + [int(has_resource)]
    ctx.file("linux_source.h", _HEADER % tuple(header))

# Watching.

def _link_package(ctx, package, target):
    """Links to target, a file or nothing yet, such that Bazel can watch it."""
    ctx.symlink(target, package + "/file")
    ctx.symlink(target, package + "/BUILD.bazel")
    ctx.file(package + "/BUILD")

def _watch(ctx, repository, package, target):
    """Makes ctx.name depend on a target that _link_package linked to."""
    usable = ctx.execute(["test", "-f", target, "-a", "-r", target])
    if usable.return_code == 0:
        ctx.path(Label("@%s//%s:file" % (repository, package)))
    else:
        # There is no label for a file that is not there. But the package has
        # another BUILD file as soon as there is one, and Bazel notices that.
        ctx.path(Label("@%s//%s:BUILD" % (repository, package)))

def _archive_watch_impl(ctx):
    _link_package(ctx, "archive", ctx.attr.archive)
    ctx.file("BUILD")

_archive_watch = repository_rule(
    implementation = _archive_watch_impl,
    local = True,
    attrs = {"archive": attr.string()},
)

def _archive_stamp_impl(ctx):
    _watch(ctx, ctx.attr.watch, "archive", ctx.attr.archive)
    stat = ctx.execute(["stat", "-L", "-c", "%s %Y %i", ctx.attr.archive])
    ctx.file("stamp", stat.stdout if stat.return_code == 0 else "absent")
    ctx.file("BUILD")

_archive_stamp = repository_rule(
    implementation = _archive_stamp_impl,
    local = True,
    attrs = {
        "archive": attr.string(),
        "watch": attr.string(),
    },
)

# Packages.

def _extract(ctx, top, archive):
    """Extracts the files. Returns what went wrong, or ""."""
    files = _tree_files(ctx)
    tar = ["tar", "-I", "xz -T0", "--occurrence=1", "--strip-components=1"]
    tar += ["--no-same-owner", "-xf", archive]
    result = ctx.execute(tar + [top + "/" + file for file in files])
    errors = [
        line
        for line in result.stderr.split("\n")
        if line and "Not found in archive" not in line and
           "Exiting with failure status" not in line
    ]
    lacks = [
        file
        for file in _tree_files(ctx, ["required"])
        if not ctx.path(file).exists
    ]
    if lacks:
        errors.append("lacks " + " ".join(lacks))
    return "%s: %s" % (archive, "; ".join(errors)) if errors else ""

def _package_impl(ctx):
    top = "linux-source-" + ctx.attr.version
    if ctx.read(Label(ctx.attr.stamp)) == "absent":
        why = "no %s; apt-get install %s" % (ctx.attr.archive, top)
    else:
        why = _extract(ctx, top, ctx.attr.archive)
    _finish(ctx, top, why)

# Not `local`, so the archive is unpacked once and not whenever Bazel starts.
_package = repository_rule(
    implementation = _package_impl,
    attrs = {
        "archive": attr.string(),
        "stamp": attr.string(),
        "version": attr.string(),
    },
)

def linux_package(name, version):
    """The source of Debian's package linux-source-<version>."""
    archive = "/usr/src/linux-source-%s.tar.xz" % version
    _archive_watch(name = name + "_watch", archive = archive)
    _archive_stamp(
        name = name + "_stamp",
        archive = archive,
        watch = name + "_watch",
    )
    _package(
        name = name,
        archive = archive,
        stamp = "@%s_stamp//:stamp" % name,
        version = version,
    )

# The user's tree.

_ENVIRON = ["LINUX_SRC", "LINUX_PATCH"]

def _outside_path(ctx, name):
    """The absolute path that an environment variable has, or None.

    Bazel does not tell where it was called, so a relative path begins in the
    workspace. ci/hunt makes paths absolute.
    """
    value = ctx.os.environ.get(name, "")
    if not value:
        return None
    workspace = ctx.path(Label("//:WORKSPACE")).dirname
    return value if value[0] == "/" else "%s/%s" % (workspace, value)

def _tree_watch_impl(ctx):
    src = _outside_path(ctx, "LINUX_SRC")
    patch = _outside_path(ctx, "LINUX_PATCH")
    if src:
        for file in _tree_files(ctx):
            _link_package(ctx, "src/" + file, src + "/" + file)
    if patch:
        _link_package(ctx, "patch", patch)
    ctx.file("BUILD")

_tree_watch = repository_rule(
    implementation = _tree_watch_impl,
    local = True,
    environ = _ENVIRON,
)

def _tree_impl(ctx):
    src = _outside_path(ctx, "LINUX_SRC")
    patch = _outside_path(ctx, "LINUX_PATCH")
    if not src:
        why = "LINUX_SRC does not name a kernel tree"
        if patch:
            why = "LINUX_PATCH needs a kernel tree to apply to: set LINUX_SRC"
            print(why)
        _finish(ctx, "LINUX_SRC", why)
        return
    script = ctx.path(Label("//kernel:linux_tree.sh"))
    ctx.path(Label(_TREE_FILES))
    for file in _tree_files(ctx):
        _watch(ctx, ctx.attr.watch, "src/" + file, src + "/" + file)
    if patch:
        _watch(ctx, ctx.attr.watch, "patch", patch)
    result = ctx.execute(
        ["bash", str(script), ".", src] + ([patch] if patch else []),
    )
    why = ""
    if result.return_code:
        why = result.stderr.strip() or "linux_tree.sh failed"
        print("The machine `linux` is not available:\n" + why)
    source = src
    if patch:
        source += " + patch " + ctx.path(patch).basename
    _finish(ctx, source, why)

_tree = repository_rule(
    implementation = _tree_impl,
    local = True,
    environ = _ENVIRON,
    attrs = {"watch": attr.string()},
)

def linux_tree(name):
    """The tree that LINUX_SRC names, with LINUX_PATCH applied to a copy."""
    _tree_watch(name = name + "_watch")
    _tree(name = name, watch = name + "_watch")
