#!/usr/bin/env python3
"""Folders are layers: refuses upward includes, includes of another form, headers without a guard, and files over 500 lines.

Usage: house.py ROOT. The order of the folders is the one of cmake/folders.cmake; app/ stands above them all."""
import pathlib
import re
import sys

LIMIT = 500
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def folder_order(root):
    text = (root / "cmake/folders.cmake").read_text()
    return re.search(r"set\(CORNU_FOLDERS\s+([^)]*)\)", text).group(1).split() + ["app"]


def problems_of_includes(path, text, folder, order):
    for target in INCLUDE.findall(text):
        parts = target.split("/")
        if parts[0] == "hwy":  # Highway's own documentation writes its headers so
            continue
        if parts[0] != "cornu":
            yield f'{path}: includes "{target}": write "cornu/folder/file.h"'
        elif len(parts) == 2:  # cornu/cornu.h, the user's index of everything
            if folder != "app":
                yield f'{path}: includes "{target}", which is for users of the library'
        elif parts[1] not in order:
            yield f'{path}: includes "{target}", but cmake/folders.cmake has no folder {parts[1]}'
        elif order.index(parts[1]) > order.index(folder):
            yield f'{path}: {folder}/ includes "{target}", but {parts[1]}/ comes after {folder}/ in cmake/folders.cmake'


def problems(root):
    order = folder_order(root)
    sources = [p for top in ("cornu", "tests", "bench", "examples", "python") for p in sorted((root / top).rglob("*"))
               if p.suffix in (".h", ".cpp", ".def") and "rivals" not in p.parts]
    for source in sources:
        path = source.relative_to(root)
        text = source.read_text()
        if (lines := text.count("\n")) > LIMIT:
            yield f"{path}: {lines} lines; the limit is {LIMIT}: split it by what its parts are for"
        if source.suffix == ".h" and "#pragma once" not in text and not source.stem.endswith("-inl"):
            yield f"{path}: a header without #pragma once"
        if path.parts[0] == "cornu" and len(path.parts) > 2:
            if path.parts[1] not in order:
                yield f"{path}: cmake/folders.cmake has no folder {path.parts[1]}"
            else:
                yield from problems_of_includes(path, text, path.parts[1], order)


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "all includes go downwards")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
