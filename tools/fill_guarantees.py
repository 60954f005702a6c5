#!/usr/bin/env python3
"""Fills docs/guarantees.md from the output of the tests: the page's figures are never written by hand.

usage: fill_guarantees.py                    docs/guarantees.in.md + docs/guarantees.figures -> docs/guarantees.md
       fill_guarantees.py --check            exit status 1 where the page is not that
       fill_guarantees.py --measure BUILD    runs the proofs of BUILD and keeps the lines with their figures first

docs/guarantees.figures holds lines of the programs' output as they printed them, each behind the name of its program.
"""
import datetime
import json
import pathlib
import re
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
PAGE, TEMPLATE, FIGURES = DOCS / "guarantees.md", DOCS / "guarantees.in.md", DOCS / "guarantees.figures"
CASES = ("ministry", "municipality")

# The program, its arguments, and which lines of its output are kept.
RUNS = (("dlp_proof", ("--cases", "1000000", "--seed", "2"), r"^(G9: |by disguise)"),
        ("audit_proof", ("--tamperings", "100000", "--crashes", "1000"), r"^(tamperings|crash points|lost): "),
        ("twin_worlds", ("--worlds", "100", "--rounds", "10", "--actions", "1000", "--seed", "5000", "--seconds", "70"), r"^(G1|speed): "),
        ("colluding", ("--each", "1"), r"^G2: "),
        ("sekisho", ("doctor", "--json"), r"^\{"))

# What the page calls a figure: the program whose line it is in, and where.
PLACES = {
    "dlp_cases": ("dlp_proof", r"(\d+) cases"), "recall": ("dlp_proof", r"recall ([\d.]+) %"), "precision": ("dlp_proof", r"precision ([\d.]+) %"),
    "disguises": ("dlp_proof", r"\((\d+) disguises"),
    "tamperings": ("audit_proof", r"tamperings: (\d+)"), "tampering_ways": ("audit_proof", r"in (\d+) ways"), "unseen": ("audit_proof", r"(\d+) unseen"),
    "crashes": ("audit_proof", r"crash points: (\d+)"), "lost": ("audit_proof", r"lost: (\d+) entries"),
    "twin_answers": ("twin_worlds", r"(\d+) answers compared"), "twin_differ": ("twin_worlds", r"(\d+) differ$"),
    "channels": ("colluding", r"G2: (\d+) channels"), "channels_open": ("colluding", r"(\d+) tell something"),
}


def measure(build):
    lines = [f"measured {datetime.date.today().isoformat()}"]
    for program, arguments, kept in RUNS:
        done = subprocess.run([build / "bin" / program, *arguments], capture_output=True, text=True, check=True)
        found = [line for line in done.stdout.splitlines() if re.search(kept, line)]
        if program == "sekisho":
            verdicts = [v for v in json.loads(found[0])["verdicts"] if v["name"].startswith("probe.")]
            found = [f"probes {len(verdicts)} of {len({v['area'] for v in verdicts})} programs, {sum(not v['ok'] for v in verdicts)} escaped"]
        lines += [f"{program}: {line}" for line in found]
    for policy in CASES:
        done = subprocess.run([build / "bin/sekisho", "policy", "test", DOCS.parent / f"tests/cases/policy/{policy}.case"], capture_output=True, text=True, check=True)
        lines.append(f"policy: {done.stdout.splitlines()[-1]}")
    FIGURES.write_text("\n".join(lines) + "\n")


def grouped(number):
    return f"{int(number):,}" if number.isdigit() else number


def figures(text):
    def found(program, pattern):
        for line in text.splitlines():
            if line.startswith(program + ": ") and (match := re.search(pattern, line)):
                return match.group(1)
        sys.exit(f"fill_guarantees: no line of {program} with {pattern}")

    values = {name: grouped(found(program, pattern)) for name, (program, pattern) in PLACES.items()}
    year, month, day = re.search(r"^measured (\d+)-(\d+)-(\d+)$", text, re.M).groups()
    values["measured"] = f"{int(year)}年{int(month)}月{int(day)}日"
    values["probes"], values["seals"], values["escaped"] = re.search(r"probes (\d+) of (\d+) programs, (\d+) escaped", text).groups()
    pairs = re.findall(r"^policy: .*：(\d+)例のうち、(\d+)例が期待どおり", text, re.M)
    if not pairs or any(all_ != right for all_, right in pairs):
        sys.exit("fill_guarantees: not every case of the policies is decided as it is written")
    values["cases"] = str(sum(int(right) for _, right in pairs))
    return values


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--measure"] and len(arguments) == 2:
        measure(pathlib.Path(arguments[1]))
    elif arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    page = TEMPLATE.read_text().format_map(figures(FIGURES.read_text()))
    if arguments == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != page:
            sys.exit("docs/guarantees.md is not what tools/fill_guarantees.py makes of the tests' figures")
        print("docs/guarantees.md: the figures are the tests'")
        return
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
