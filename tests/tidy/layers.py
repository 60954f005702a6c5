#!/usr/bin/env python3
"""Holds the layers: a room includes only rooms of rows below its own; foreign headers only where layers.txt allows.

usage: layers.py REPOSITORY     exit status 1 with one line a violation
"""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def read_rules(path):
    """rows: room -> height from the bottom; only: room -> allowed prefixes; foreign: [(prefix, room)]"""
    rows, only, foreign = [], {}, []
    for line in path.read_text().splitlines():
        word, *rest = line.split() or ["#"]
        if word == "row":
            rows.append(rest)
        elif word == "only":
            only[rest[0]] = rest[1:]
        elif word == "foreign":
            foreign.append((rest[0], rest[1]))
        elif not word.startswith("#"):
            sys.exit(f"{path}: what is '{line}'?")
    heights = {room: len(rows) - i for i, row in enumerate(rows) for room in row}
    return heights, only, foreign


def complaints(source, root, rules):
    heights, only, foreign = rules
    file = source.relative_to(root)
    room = file.parts[0]
    is_test = "_test" in source.stem or "testing" in file.parts
    for kind, target in INCLUDE.findall(source.read_text()):
        home = target.split("/")[0]
        if kind == '"' and home in heights | {"worker": 0}:
            if home == room:
                continue
            if room in only:
                allowed = any(target == f"{p}.h" or target.startswith(f"{p}/") for p in only[room])
            elif room == "main":
                allowed = home != "worker" or "worker" in source.stem
            else:
                allowed = home in heights and heights[home] < heights[room]
            if not allowed and not (is_test and room == "worker" and home == "process"):
                yield f"{file}: includes {target}: {room} may not look at {home}"
        for prefix, owner in foreign:
            if target.startswith(prefix) and room != owner and not is_test:
                yield f"{file}: includes <{target}>: only {owner}/ may"
            if target.startswith(prefix) and source.suffix == ".h":
                yield f"{file}: <{target}> in a header: foreign headers stay in .cc files"


def main():
    root = Path(sys.argv[1]) / "src"
    rules = read_rules(root / "layers.txt")
    known = set(rules[0]) | {"worker"}
    sources = sorted([*root.rglob("*.h"), *root.rglob("*.cc")])
    found = [c for s in sources for c in complaints(s, root, rules)]
    found += [f"{d.name}: a room that layers.txt does not know" for d in sorted(root.iterdir()) if d.is_dir() and d.name not in known]
    print(f"layers: {len(sources)} files, {len(found)} violations")
    print("\n".join(found))
    return 1 if found or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
