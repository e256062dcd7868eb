#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the declarations of shim/dup.h with the kernels they are from.

usage: drift_test.py DUP_H TREE...

A declaration in DUP_H follows a comment `/* from FILE */`, or `/* from FILE,
6.12 only */` if other versions do not have it. Blanks and comments aside, FILE
of each TREE has to have it word for word. A declaration is one macro, or ends
with its `;` or with the body of its function.

A TREE that does not exist is skipped. One behind `?` is only warned about, and
may lack files.
"""

import pathlib
import re
import sys

FROM = re.compile(r"/\* from ([\w./-]+)(?:, ([\d.]+) only)? \*/\s*")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
# A macro's name with its parenthesis is one token: `#define f(x)` takes an
# argument, and `#define f (x)` does not.
TOKEN = re.compile(r'#\s*define\s+\w+\(?|\w+|"(?:\\.|[^"\\])*"|\S')


def tokens(text):
    text = COMMENT.sub(" ", text).replace("\\\n", " ")
    return [re.sub(r"\s+", " ", token) for token in TOKEN.findall(text)]


def declaration(text):
    """The declaration that text begins with."""
    if text.startswith("#"):
        return re.match(r"(?:[^\\\n]|\\\n|\\.)*", text).group()
    depth = 0
    for match in re.finditer(r"[{};]|//[^\n]*|/\*.*?\*/", text, re.S):
        mark = match.group()
        depth += (mark == "{") - (mark == "}")
        if depth:
            continue
        before = text[: match.start()]
        is_function = mark == "}" and re.match(r"[^{=]*\)\s*{", before)
        if mark == ";" or is_function:
            return text[: match.end()]
    return text


def declarations(dup):
    """Yields (file, version or None, text) for each declaration of dup.h."""
    text = dup.read_text()
    for match in FROM.finditer(text):
        yield match[1], match[2], declaration(text[match.end() :])


def contains(there, wanted):
    """Whether the tokens are there, from the beginning of a declaration."""
    return any(
        there[i : i + len(wanted)] == wanted
        for i in range(len(there) - len(wanted) + 1)
        if there[i] == wanted[0] and (i == 0 or there[i - 1] in ";{}")
    )


def has(text, wanted):
    """Whether the header has the declaration."""
    # A comment may go over lines that would end a macro.
    text = COMMENT.sub(" ", text).replace("\\\n", " ")
    if wanted.startswith("#"):
        macros = re.findall(r"^[ \t]*(#[ \t]*define\b.*)", text, re.M)
        return tokens(wanted) in [tokens(line) for line in macros]
    text = re.sub(r"^[ \t]*#.*", ";", text, flags=re.M)
    return contains(tokens(text), tokens(wanted))


def name_of(text):
    """What to look for where a declaration is not as it was."""
    for pattern in [
        r"#\s*define\s+(\w+)",
        r"(?:struct|union|enum)\s+(\w+)\s*{",
        r"enum\s*{\s*(\w+)",
        r"(\w+)\s*\([^{;]*\)\s*[{;]",
        r"(\w+)\s*;",
    ]:
        match = re.search(pattern, text)
        if match:
            return match[1]
    return text


def similar(text, wanted):
    """What the header has by the name of the declaration."""
    name = re.escape(name_of(wanted))
    wanted = COMMENT.sub(" ", wanted).strip()
    if wanted.startswith("#"):
        start = r"^[ \t]*#\s*define\s+%s\b" % name
    elif re.match(r"(struct|union|enum)\b", wanted):
        start = r"^(?:struct|union|enum)\s+%s\s*{|^enum\s*{\s*%s\b" % (
            name,
            name,
        )
    else:
        start = r"^[^\s#/*][^\n]*\b%s\b" % name
    found = [
        declaration(text[match.start() :])
        for match in re.finditer(start, text, re.M)
    ]
    return "\n".join(found) or "(nothing by the name of %s)" % name


def version_of(tree):
    """ "6.12", or "" if the tree does not say."""
    makefile = tree / "Makefile"
    if not makefile.exists():
        return ""
    head = makefile.read_text(errors="replace")
    numbers = re.findall(r"^(?:VERSION|PATCHLEVEL) = (\d+)$", head, re.M)
    return ".".join(numbers)


def indent(text):
    return "\n".join("    " + line for line in text.strip().split("\n"))


def drift(dup, tree):
    """Returns what drifted, what is lacking, and how much was compared."""
    problems, lacking, compared = [], [], 0
    for file, version, wanted in declarations(dup):
        if version and version != version_of(tree):
            continue
        if not (tree / file).exists():
            lacking.append("no %s; see tree_files.txt" % file)
            continue
        compared += 1
        text = (tree / file).read_text(errors="replace")
        if not has(text, wanted):
            problems.append(
                "%s drifted in %s\n  dup.h has\n%s\n  the tree has\n%s"
                % (
                    name_of(wanted),
                    file,
                    indent(wanted),
                    indent(similar(text, wanted)),
                )
            )
    return problems, lacking, compared


def check_itself():
    """Drift that would not be noticed would look like none."""
    header = """
        #define F(x) ((x) + /* one */ \\
                      1)
        struct s {
            int a;  // first
            struct { int b; } c;
        };
        static inline int f(void) { if (1) { return 1; } }
    """
    same = [
        "#define F(x) ((x) + 1)",
        "struct s { int a; struct { int b; } c; };",
        "static inline int f(void)\n{ if (1) { return 1; } }",
    ]
    other = [
        "#define F (x) ((x) + 1)",
        "#define F(x) ((x) +",
        "#define F(x) ((x) + 1) + 1",
        "struct s { int a; };",
        "struct s { struct { int b; } c; int a; };",
        "static inline long f(void) { if (1) { return 1; } }",
        "static inline int f(void);",
        "inline int f(void) { if (1) { return 1; } }",
    ]
    for text in same:
        assert declaration(text + "\nint more;") == text, text
        assert has(header, text), text
    for text in other:
        assert not has(header, text), text


def main(dup, trees):
    check_itself()
    dup = pathlib.Path(dup)
    failed = False
    for tree in trees:
        path = pathlib.Path(tree.lstrip("?"))
        if not (path / "kernel/resource.c").exists():
            print("%s: not available, skipped" % path.name)
            continue
        problems, lacking, compared = drift(dup, path)
        if not tree.startswith("?"):
            problems += lacking
            failed |= bool(problems) or compared == 0
        for problem in problems:
            print("%s: %s" % (path.name, problem))
        print("%s: compared %d declarations" % (path.name, compared))
    return failed


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
