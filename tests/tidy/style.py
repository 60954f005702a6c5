#!/usr/bin/env python3
"""The style rules that a program can hold: sizes, names, words, and who alone may make a Permit.

usage: style.py REPOSITORY     prints the longest files and functions; exit status 1 with one line a violation
"""
import re
import subprocess
import sys
from pathlib import Path

FILE_LINES_MAX, FUNCTION_LINES_MAX = 600, 70
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
BAD_NAME = re.compile(r"\b(?:class|struct)\s+\w*(?:Manager|Helper|Util|Impl2)\w*")
THROW = re.compile(r"\bthrow\b(?!\s*\()")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
MACHINE = re.compile("/" + r"work/|artifactory|\.library/|ghp_|pypi-proxy")


def functions(text):
    """(name, lines) of top-level and member functions: from a line that ends in '{' at depth 0 or 1 inside namespaces to its '}'."""
    lines = text.splitlines()
    start, name = None, ""
    for number, line in enumerate(lines):
        if start is None and re.match(r"^(\S.*\)|  ?\S.*\))( const| noexcept| override|\s)*(->.*)?\{$", line) and not re.match(r"\s*(if|for|while|switch|namespace|struct|class|enum|TEST|RC_)", line):
            start, name = number, line.strip()[:80]
            indent = len(line) - len(line.lstrip())
        elif start is not None and re.match(rf"^ {{{indent}}}}}", line):
            yield name, number - start + 1
            start = None


def check(file, root):
    text = file.read_text()
    name = file.relative_to(root)
    is_test = "_test" in file.stem
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        yield f"{name}: {lines} lines, at most {FILE_LINES_MAX}"
    if not is_test:
        for function, length in functions(text):
            if length > FUNCTION_LINES_MAX:
                yield f"{name}: {function}: {length} lines, at most {FUNCTION_LINES_MAX}"
    for pattern, why in ((UNFINISHED, "unfinished work"), (BAD_NAME, "a name that says nothing")):
        if found := pattern.search(text):
            yield f"{name}: {why}: {found.group(0)}"
    code = re.sub(r"//.*|\"(?:[^\"\\]|\\.)*\"", "", text)
    if not is_test and THROW.search(code):
        yield f"{name}: throws"
    if re.search(r"\bPermit\s*\(\s*[A-Za-z]", code) and file.parent.name != "gate":
        yield f"{name}: makes a Permit outside gate/"
    if "toml++/" in text and "#define TOML_EXCEPTIONS 0" not in text:
        yield f"{name}: toml++ with exceptions does not mix with toml++ without them in one program"
    if file.suffix == ".h" and "#pragma once" not in text:
        yield f"{name}: no #pragma once"


def main():
    root = Path(sys.argv[1])
    sources = sorted([*(root / "src").rglob("*.h"), *(root / "src").rglob("*.cc")])
    found = [c for s in sources for c in check(s, root)]
    listed = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True).stdout.split("\n")
    for file in filter(None, listed):
        path = root / file
        if path.suffix in {".png", ".woff2", ".pdf", ".docx", ".ico"} or not path.is_file() or path.name == "style.py":
            continue
        if seen := MACHINE.search(path.read_text(errors="replace")):
            found.append(f"{file}: names this machine or a registry host: {seen.group(0)}")
    longest = sorted(((s.read_text().count("\n"), str(s.relative_to(root))) for s in sources), reverse=True)[:10]
    deepest = sorted(((n, f, str(s.relative_to(root))) for s in sources if "_test" not in s.stem for f, n in functions(s.read_text())), reverse=True)[:10]
    print("longest files:", *(f"  {n:4} {f}" for n, f in longest), sep="\n")
    print("longest functions:", *(f"  {n:4} {f}  {name}" for n, name, f in deepest), sep="\n")
    print(f"style: {len(sources)} files, {len(found)} violations")
    print("\n".join(found))
    return 1 if found or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
