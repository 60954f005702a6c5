#!/usr/bin/env python3
"""Checks an audit log without Sekisho: written from docs/audit-format.md alone, Python 3.8 or later, standard library only.

usage: verify_audit.py DIR [--witness SEQUENCE:HASH] [--json]

DIR is the folder `audit` of a data folder, or a copy of it. Exit status: 0 the chain is whole, 1 it is broken, 2 wrong use.
"""
import argparse
import hashlib
import json
import pathlib
import re
import sys

MEMBERS = {"actor", "details", "kind", "label", "outcome", "previous", "sequence", "subjects", "time_ms"}
OUTCOMES = {"allowed", "denied", "done", "failed"}
ZEROS = "0" * 64
LINE_BYTES = 65_536
DEPTH = 32
TAIL = re.compile(rb',"hash":"([0-9a-f]{64})"\}\Z')
SEGMENT = re.compile(r"[0-9]{20}\.jsonl\Z")
SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Broken(Exception):
    """What is wrong, in English."""


def text_form(text):
    out = []
    for character in text:
        if character in SHORT:
            out.append(SHORT[character])
        elif character < " " or character == "\x7f":
            out.append(f"\\u{ord(character):04x}")
        else:
            out.append(character)
    return '"' + "".join(out) + '"'


def canonical(value, depth=1):
    """The one way to write a value; Broken for what no Entry may hold."""
    if depth > DEPTH:
        raise Broken("nested too deep")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if not -2**63 <= value < 2**63:
            raise Broken("a number beyond 64 bits")
        return str(value)
    if isinstance(value, str):
        return text_form(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode())
        return "{" + ",".join(text_form(name) + ":" + canonical(value[name], depth + 1) for name in names) + "}"
    raise Broken("a number that is not an integer")


def without_doubles(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Broken("a name twice")
    return value


def parse(body):
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=without_doubles)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Broken(f"not JSON: {error}") from None


def check_members(entry):
    def must(holds, what):
        if not holds:
            raise Broken(what)

    def is_int(value):
        return isinstance(value, int) and not isinstance(value, bool)

    def texts(value):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)

    must(isinstance(entry, dict) and set(entry) == MEMBERS, "other members than an Entry has")
    actor, label = entry["actor"], entry["label"]
    must(isinstance(actor, dict) and set(actor) == {"id", "name"} and texts(list(actor.values())), "actor")
    must(isinstance(entry["kind"], str), "kind")
    must(is_int(entry["time_ms"]) and is_int(entry["sequence"]), "a number")
    must(texts(entry["subjects"]), "subjects")
    must(isinstance(entry["outcome"], str) and entry["outcome"] in OUTCOMES, "outcome")
    must(isinstance(entry["details"], dict), "details")
    if label is not None:
        must(isinstance(label, dict) and set(label) == {"level", "readers"}, "label")
        must(isinstance(label["level"], str) and isinstance(label["readers"], list) and all(texts(group) for group in label["readers"]), "label")
    must(isinstance(entry["previous"], str) and re.fullmatch("[0-9a-f]{64}", entry["previous"]), "previous")


def read_line(line):
    """(entry, hash) of a line without its line feed."""
    if len(line) + 1 > LINE_BYTES:
        raise Broken("longer than a line may be")
    tail = TAIL.search(line)
    if not tail:
        raise Broken("no hash at its end")
    body = line[:tail.start()] + b"}"
    digest = hashlib.sha256(b"\0" + body).hexdigest()
    if digest != tail.group(1).decode():
        raise Broken("the hash is not the line's")
    entry = parse(body)
    check_members(entry)
    if canonical(entry).encode() != body:
        raise Broken("not in canonical form")
    return entry, digest


class Log:
    """What stands, from the first Entry on."""

    def __init__(self):
        self.entries, self.head, self.segments, self.recoveries, self.unfinished = 0, ZEROS, 0, 0, False
        self.broken = None
        self.witnessed = {}

    def take(self, line):
        entry, digest = read_line(line)
        if entry["sequence"] != self.entries + 1:
            raise Broken(f"entry {entry['sequence']} where {self.entries + 1} must follow")
        if entry["previous"] != self.head:
            raise Broken("it does not name the entry before it")
        if self.entries == 0 and entry["kind"] != "log.begun":
            raise Broken("the first entry must be log.begun")
        self.entries, self.head = self.entries + 1, digest
        self.recoveries += entry["kind"] == "log.recovered"

    def report(self):
        return {"whole": self.broken is None, "entries": self.entries, "segments": self.segments, "head": self.head, "recoveries": self.recoveries,
                "unfinished_end": self.unfinished, "broken": self.broken}


def is_whole(line):
    try:
        read_line(line)
        return True
    except Broken:
        return False


def verify(directory, witness=None):
    """A Log. `witness`: (sequence, hash) that must stand in it."""
    log = Log()
    files = sorted(path for path in pathlib.Path(directory).iterdir() if SEGMENT.match(path.name))
    if not files:
        raise SystemExit("no audit log in this folder")
    log.segments = len(files)
    rest, found = b"", witness is None
    for path in files:
        place = {"file": path.name, "sequence": log.entries + 1, "line": 0}
        if rest:
            log.broken = {**place, "why": "the file before this one ends in the middle of a line"}
            return log
        if int(path.stem) != log.entries + 1:
            log.broken = {**place, "why": f"the file's name is not {log.entries + 1}"}
            return log
        *lines, rest = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            try:
                log.take(line)
            except Broken as why:
                log.broken = {**place, "sequence": log.entries + 1, "line": number, "why": str(why)}
                return log
            found = found or (log.entries, log.head) == witness
    if rest and rest[-1:] != b"\0" and is_whole(rest[:-1]):
        log.broken = {"file": files[-1].name, "sequence": log.entries + 1, "line": 0, "why": "the line feed after the last entry was changed"}
    elif not found:
        log.broken = {"file": "", "sequence": witness[0], "line": 0, "why": "the entry that was witnessed is not in this log"}
    log.unfinished = bool(rest) and log.broken is None
    return log


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--witness")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    witness = None
    if options.witness:
        match = re.fullmatch(r"([1-9][0-9]*):([0-9a-f]{64})", options.witness)
        if not match:
            parser.error("--witness wants SEQUENCE:HASH")
        witness = (int(match.group(1)), match.group(2))
    log = verify(options.directory, witness)
    if options.json:
        print(json.dumps(log.report(), ensure_ascii=False))
    elif log.broken:
        print("broken at entry {sequence} ({file}, line {line}): {why}".format(**log.broken))
    else:
        print(f"whole: {log.entries} entries in {log.segments} files, head {log.entries}:{log.head}")
    return 1 if log.broken else 0


if __name__ == "__main__":
    sys.exit(main())
