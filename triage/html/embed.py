#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes files as strings of a C++ header.

usage: embed.py FILE...

Of FILE report.css comes kReportCss, and kReportCssHash: "sha256-..." as a
Content-Security-Policy names what it allows. The comment at the head of the
file, its licence, is for those who read the source, and is left out.
"""

import base64
import hashlib
import pathlib
import re
import sys

HEAD = re.compile(r"\A\s*/\*.*?\*/\s*", re.DOTALL)


def name_of(path):
    words = re.split(r"[._]", path.name)
    return "k" + "".join(word.capitalize() for word in words)


def main():
    print("// SPDX-License-Identifier: Apache-2.0")
    print("#pragma once")
    print("namespace restree {")
    for argument in sys.argv[1:]:
        path = pathlib.Path(argument)
        text = HEAD.sub("", path.read_text(encoding="utf-8"))
        digest = hashlib.sha256(text.encode("utf-8")).digest()
        name = name_of(path)
        # Compilers take strings of 64 KiB, and a raw one may hold no `)"`.
        assert len(text) < 60_000 and ')embed"' not in text
        print(f'inline constexpr char {name}[] = R"embed({text})embed";')
        print(
            f"inline constexpr char {name}Hash[] ="
            f' "sha256-{base64.b64encode(digest).decode()}";'
        )
    print("}  // namespace restree")


main()
