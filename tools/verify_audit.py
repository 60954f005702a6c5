#!/usr/bin/env python3
"""Checks an audit log without Sekisho: written from docs/audit-format.md alone, Python 3.8 or later, standard library only.

usage: verify_audit.py DIR [--witness WHAT]… [--checkpoints FILE] [--public-key KEY] [--json]
       verify_audit.py --proof FILE | --report FILE [--public-key KEY]

DIR is the folder `audit` of a data folder, or a copy of it. WHAT is SEQUENCE:HASH of an Entry, SIZE:ROOT of a checkpoint on paper, or
a witness file. KEY is a public key or a file that holds one. Exit status: 0 all is whole, 1 it is broken, 2 wrong use.
"""
import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys
import time

MEMBERS = {"actor", "details", "kind", "label", "outcome", "previous", "sequence", "subjects", "time_ms"}
OUTCOMES = {"allowed", "denied", "done", "failed"}
ZEROS = "0" * 64
LINE_BYTES = 65_536
DEPTH = 32
CHECKPOINTS = "checkpoints.jsonl"
PRUNED = "pruned.json"
CHECKPOINT_BYTES = 8192
SKEW_MS = 5 * 60 * 1000
SIGNED = b"sekisho/checkpoint/1\n"
REPORT = b"sekisho/report/1\n"
SIGNATURE = re.compile(rb',"signature":"([0-9a-f]{128})"\}\Z')
HEX = re.compile(r"[0-9a-f]{64}\Z")
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


# Ed25519, RFC 8032, 5.1, as strict as its verifiers are: no small order, one encoding a value.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def plus(a, b):
    """Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, i, j, f = f - e, h - g, h + g, f + e
    return e * i % P, j * f % P, i * j % P, e * f % P


def twice(a):
    x, y, z, _ = a
    xx, yy = x * x % P, y * y % P
    h = xx + yy
    e, g = h - (x + y) * (x + y), xx - yy
    f = 2 * z * z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def decoded(code):
    """The point of 32 bytes; None where they are none."""
    y = int.from_bytes(code, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def encoded(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def has_small_order(point):
    for _ in range(3):
        point = twice(point)
    return point[0] % P == 0


BASE = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verifies(key, message, signature):
    """Whether the 64 bytes are the key's over the message: [S]B = R + [h]A."""
    a, r, s = decoded(key), decoded(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or has_small_order(a) or has_small_order(r):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus = ((P - a[0]) % P, a[1], 1, (P - a[3]) % P)
    table = {(1, 0): BASE, (0, 1): minus, (1, 1): plus(BASE, minus)}
    sum_ = NEUTRAL
    for bit in range(max(s.bit_length(), h.bit_length()) - 1, -1, -1):
        sum_ = twice(sum_)
        if chosen := table.get((s >> bit & 1, h >> bit & 1)):
            sum_ = plus(sum_, chosen)
    return encoded(sum_) == signature[:32]


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A Merkle tree of RFC 9162 as the roots of its whole subtrees, largest first."""

    def __init__(self):
        self.size, self.edge = 0, []

    def add(self, leaf):
        rest, self.size = self.size, self.size + 1
        while rest & 1:
            leaf, rest = node(self.edge.pop(), leaf), rest >> 1
        self.edge.append(leaf)

    def root(self):
        return folded(self.edge)


def folded(edge):
    if not edge:
        return hashlib.sha256().digest()
    root = edge[-1]
    for left in reversed(edge[:-1]):
        root = node(left, root)
    return root


def is_number(value, least=-2**63):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**63


def is_hex(value):
    return isinstance(value, str) and bool(HEX.match(value))


def read_checkpoint_line(text):
    """The members of a line of the checkpoint file; its form and signature are right."""
    tail = SIGNATURE.search(text)
    if len(text) > CHECKPOINT_BYTES or not tail:
        raise Broken("no signature at its end")
    body = text[:tail.start()] + b"}"
    line = parse(body)
    members = {"key", "number", "previous", "time_ms", "kind"}
    if not isinstance(line, dict) or line.get("kind") not in ("key", "checkpoint"):
        raise Broken("neither a checkpoint nor a key")
    is_key = line["kind"] == "key"
    if set(line) != members | ({"by"} if is_key else {"size", "root", "edge"}):
        raise Broken("other members than such a line has")
    if not (is_number(line["number"], 1) and is_number(line["time_ms"]) and is_hex(line["previous"]) and is_hex(line["key"])):
        raise Broken("a member is malformed")
    if is_key and not is_hex(line["by"]):
        raise Broken("a member is malformed")
    if not is_key:
        edge = line["edge"]
        if not (is_number(line["size"], 1) and is_hex(line["root"]) and isinstance(edge, list) and all(map(is_hex, edge))):
            raise Broken("a member is malformed")
        if len(edge) != bin(line["size"]).count("1") or folded([bytes.fromhex(hash_) for hash_ in edge]).hex() != line["root"]:
            raise Broken("the edge does not make the root")
    if canonical(line).encode() != body:
        raise Broken("not in canonical form")
    if not verifies(bytes.fromhex(line["by"] if is_key else line["key"]), SIGNED + body, bytes.fromhex(tail.group(1).decode())):
        raise Broken("the signature is not that of the key that the line names")
    return line


def is_whole_checkpoint_line(text):
    try:
        read_checkpoint_line(text)
        return True
    except Broken:
        return False


class Removed:
    """What is left of Entries that were removed."""

    def __init__(self, path):
        self.size, self.head, self.edge, self.keys, self.sha256 = 0, ZEROS, [], {}, None
        if not path.exists():
            return
        content = path.read_bytes()
        record = parse(content[:-1])
        members = isinstance(record, dict) and set(record) == {"size", "head", "edge", "keys"}
        if not members or not is_number(record["size"], 1) or not is_hex(record["head"]) or not isinstance(record["edge"], list) or not isinstance(record["keys"], dict):
            raise Broken("not a record of removed entries")
        if not all(map(is_hex, record["edge"])) or len(record["edge"]) != bin(record["size"]).count("1"):
            raise Broken("the edge is not that of its size")
        if not all(is_hex(key) and is_number(sequence, 1) and sequence <= record["size"] for key, sequence in record["keys"].items()):
            raise Broken("the keys are malformed")
        if canonical(record).encode() + b"\n" != content:
            raise Broken("not in canonical form")
        self.size, self.head, self.keys = record["size"], record["head"], record["keys"]
        self.edge = [bytes.fromhex(hash_) for hash_ in record["edge"]]
        self.sha256 = hashlib.sha256(content[:-1]).hexdigest()


class Checkpoints:
    """A checkpoint file, up to its first broken line."""

    def __init__(self, path):
        self.path, self.broken = pathlib.Path(path), None
        self.lines, self.checkpoints, self.keys, self.beginnings = [], [], [], []
        if not self.path.exists():
            return
        *lines, rest = self.path.read_bytes().split(b"\n")
        for number, text in enumerate(lines, 1):
            try:
                self.take(text)
            except Broken as why:
                self.broken = self.finding(0, number, str(why))
                return
        if rest and rest[-1:] != b"\0" and is_whole_checkpoint_line(rest[:-1]):
            self.broken = self.finding(0, 0, "the line feed after the last line was changed")

    def finding(self, sequence, line, why):
        return {"file": self.path.name, "sequence": sequence, "line": line, "why": why}

    def take(self, text):
        line = read_checkpoint_line(text)
        if line["number"] != len(self.lines) + 1:
            raise Broken(f"line {line['number']} where {len(self.lines) + 1} must stand")
        if line["previous"] != (hashlib.sha256(self.lines[-1]).hexdigest() if self.lines else ZEROS):
            raise Broken("it does not follow the line before")
        holds = self.keys[-1] if self.keys else None
        if line["kind"] == "key":
            if line["by"] not in (line["key"], holds):
                raise Broken("the new key is signed by one that does not hold")
            if line["by"] == line["key"]:
                self.beginnings.append(line)
            self.keys.append(line["key"])
        else:
            if line["key"] != holds:
                raise Broken("the checkpoint is signed by a key that does not hold")
            if self.checkpoints and line["size"] <= self.checkpoints[-1]["size"]:
                raise Broken("it covers no more than the one before")
            self.checkpoints.append(line)
        self.lines.append(text)

    def against_log(self, log):
        for line in self.checkpoints:
            if line["size"] < log.removed.size:
                continue
            if line["size"] > log.entries:
                return self.finding(line["size"], line["number"], f"it covers {line['size']} entries, the log has {log.entries}: its end was cut off")
            if log.roots[line["size"]] != line["root"]:
                return self.finding(line["size"], line["number"], "the log up to here is not the one that the checkpoint covers")
        return self.broken

    def against_removal(self, log):
        if log.removed.size == 0:
            return None
        place = {"file": PRUNED, "sequence": log.removed.size, "line": 0}
        if not log.told_of_removal:
            return {**place, "why": "the log does not tell of what was removed"}
        if not self.checkpoints or self.checkpoints[-1]["size"] < log.removed.size:
            return {**place, "why": "no checkpoint covers what was removed"}
        return None

    def against_keys(self, log, public_key):
        for line in self.checkpoints:
            if log.told.get(line["key"], line["size"] + 1) > line["size"]:
                return self.finding(line["size"], line["number"], "the log does not tell of the key that signed the checkpoint")
        for key, sequence in log.told.items():
            # A server at work may have brought the key in after the file was read.
            if key not in self.keys and key not in Checkpoints(self.path).keys:
                return self.finding(sequence, 0, "the log tells of a key that the checkpoint file does not bring in")
        begun = self.beginnings[-1] if self.beginnings else {"key": "", "number": 0}
        if public_key is not None and begun["key"] != public_key:
            return self.finding(0, begun["number"], "the checkpoints do not begin with the public key that was given")
        return None

    def against_witness(self, path):
        name = pathlib.Path(path).name
        lines = pathlib.Path(path).read_bytes().split(b"\n")[:-1]
        for number, text in enumerate(lines, 1):
            try:
                line = read_checkpoint_line(text)
            except Broken as why:
                return {"file": name, "sequence": 0, "line": number, "why": f"the witness: {why}"}
            if line["number"] > len(self.lines) or self.lines[line["number"] - 1] != text:
                return {"file": name, "sequence": line.get("size", 0), "line": number, "why": "the checkpoint file does not hold the line that was witnessed"}
        return None if lines else {"file": name, "sequence": 0, "line": 0, "why": "the witness holds no checkpoint"}

    def against_clock(self, now_ms):
        for line in self.checkpoints:
            if line["time_ms"] > now_ms + SKEW_MS:
                return self.finding(line["size"], line["number"], "the checkpoint is from the future")
        return None


class Log:
    """What stands, from the first Entry on."""

    def __init__(self):
        self.entries, self.head, self.segments, self.recoveries, self.unfinished = 0, ZEROS, 0, 0, False
        self.broken = None
        self.tree, self.roots, self.told = Tree(), {}, {}
        self.sizes = set()  # Of which trees the root is wanted.
        self.checkpoints, self.removed, self.told_of_removal = None, None, False

    def begin(self, removed):
        self.removed, self.entries, self.head, self.told = removed, removed.size, removed.head, dict(removed.keys)
        self.tree.size, self.tree.edge = removed.size, list(removed.edge)
        if removed.size:
            self.roots[removed.size] = self.tree.root().hex()

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
        self.tree.add(bytes.fromhex(digest))
        if self.entries in self.sizes:
            self.roots[self.entries] = self.tree.root().hex()
        if entry["kind"] == "log.pruned" and entry["details"].get("sha256", "") == self.removed.sha256:
            self.told_of_removal = True
        if entry["kind"] == "log.keyed":
            key = entry["details"].get("key", "")
            self.told.setdefault(key if isinstance(key, str) else "", self.entries)

    def report(self):
        return {"whole": self.broken is None, "entries": self.entries, "removed": self.removed.size if self.removed else 0, "segments": self.segments, "head": self.head, "recoveries": self.recoveries,
                "unfinished_end": self.unfinished, "checkpoints": len(self.checkpoints.checkpoints), "keys": len(self.checkpoints.keys),
                "beginnings": len(self.checkpoints.beginnings), "broken": self.broken}


def is_whole(line):
    try:
        read_line(line)
        return True
    except Broken:
        return False


def walk(log, files, receipt):
    """Reads the log; returns whether it holds the receipt. The first finding is left in log.broken."""
    log.segments = len(files)
    rest, found = b"", receipt is None or (log.removed.size, log.removed.head) == receipt
    if not files:
        log.broken = {"file": PRUNED, "sequence": log.entries + 1, "line": 0, "why": "no entry is left behind those that were removed"}
    for path in files:
        place = {"file": path.name, "sequence": log.entries + 1, "line": 0}
        if rest:
            log.broken = {**place, "why": "the file before this one ends in the middle of a line"}
            return found
        if int(path.stem) != log.entries + 1:
            log.broken = {**place, "why": f"the file's name is not {log.entries + 1}"}
            return found
        *lines, rest = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            try:
                log.take(line)
            except Broken as why:
                log.broken = {**place, "sequence": log.entries + 1, "line": number, "why": str(why)}
                return found
            found = found or (log.entries, log.head) == receipt
    if rest and rest[-1:] != b"\0" and is_whole(rest[:-1]):
        log.broken = {"file": files[-1].name, "sequence": log.entries + 1, "line": 0, "why": "the line feed after the last entry was changed"}
    log.unfinished = bool(rest) and log.broken is None
    return found


def verify(directory, receipt=None, papers=(), checkpoints=None, witness=None, public_key=None, now_ms=None):
    """A Log. `receipt`: (sequence, hash) and `papers`: (size, root) that must be in it, hashes in hexadecimal; `checkpoints`, `witness`: files."""
    log = Log()
    directory = pathlib.Path(directory)
    log.checkpoints = kept = Checkpoints(checkpoints or directory / CHECKPOINTS)
    log.sizes = {line["size"] for line in kept.checkpoints} | {size for size, _ in papers}
    files = sorted(path for path in directory.iterdir() if SEGMENT.match(path.name))
    if not files:
        raise SystemExit("no audit log in this folder")
    try:
        log.begin(Removed(directory / PRUNED))
    except Broken as why:
        log.broken = {"file": PRUNED, "sequence": 0, "line": 0, "why": str(why)}
        return log
    found = walk(log, [path for path in files if int(path.stem) > log.removed.size], receipt)
    if log.broken:
        return log
    if not found:
        log.broken = {"file": "", "sequence": receipt[0], "line": 0, "why": "the entry that was witnessed is not in this log"}
    for size, root in papers:
        gone = size < log.removed.size and any((line["size"], line["root"]) == (size, root) for line in kept.checkpoints)
        if not log.broken and log.roots.get(size) != root and not gone:
            log.broken = {"file": "", "sequence": size, "line": 0, "why": "the checkpoint that was kept is not this log's"}
    log.broken = (log.broken or kept.against_log(log) or kept.against_removal(log) or kept.against_keys(log, public_key) or (kept.against_witness(witness) if witness else None)
                  or (kept.against_clock(now_ms) if now_ms is not None else None))
    return log


def proves_inclusion(path, leaf, index, size, root):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, reached = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached = node(step, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node(reached, step)
        at, last = at >> 1, last >> 1
    return last == 0 and reached == root


def proves_consistency(path, first, first_root, second, second_root):
    """RFC 9162, 2.1.4.2."""
    if not 1 <= first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if first & (first - 1) == 0:
        path = [first_root, *path]
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(step, old), node(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def follow_keys(texts):
    keys = []
    for text in texts:
        line = read_checkpoint_line(text.encode())
        if line["kind"] != "key" or (line["by"] == line["key"]) != (not keys) or (keys and line["by"] != keys[-1]):
            raise Broken("the keys do not hand over to each other")
        keys.append(line["key"])
    if not keys:
        raise Broken("no key")
    return keys


def check_proof(proof, public_key=None):
    """(entry, checkpoint) of a proof that holds; Broken otherwise."""
    texts = isinstance(proof, dict) and isinstance(proof.get("entry"), str) and isinstance(proof.get("checkpoint"), str)
    wanted = {"entry", "checkpoint", "inclusion", "keys"} | ({"since", "consistency"} if isinstance(proof, dict) and "since" in proof else set())
    if not texts or set(proof) != wanted or not all(isinstance(proof[name], list) and all(isinstance(item, str) for item in proof[name])
                                                    for name in wanted - {"entry", "checkpoint", "since"}):
        raise Broken("not a proof")
    if not all(is_hex(hash_) for name in ("inclusion", "consistency") for hash_ in proof.get(name, [])):
        raise Broken("what is no hash")
    entry, digest = read_line(proof["entry"].encode())
    checkpoint = read_checkpoint_line(proof["checkpoint"].encode())
    keys = follow_keys(proof["keys"])
    if public_key is not None and keys[0] != public_key:
        raise Broken("the keys do not begin with the public key that was given")
    if checkpoint["kind"] != "checkpoint" or checkpoint["key"] not in keys:
        raise Broken("the checkpoint is signed by a key that is not among the keys")
    root, inclusion = bytes.fromhex(checkpoint["root"]), [bytes.fromhex(hash_) for hash_ in proof["inclusion"]]
    if not proves_inclusion(inclusion, bytes.fromhex(digest), entry["sequence"] - 1, checkpoint["size"], root):
        raise Broken("the entry is not proved to stand in the checkpoint's tree")
    if "since" in proof:
        since, path = proof["since"], [bytes.fromhex(hash_) for hash_ in proof["consistency"]]
        if not (isinstance(since, dict) and set(since) == {"size", "root"} and is_number(since["size"], 1) and is_hex(since["root"])):
            raise Broken("since is malformed")
        if not proves_consistency(path, since["size"], bytes.fromhex(since["root"]), checkpoint["size"], root):
            raise Broken("the earlier log is not proved to be the beginning of the later")
    return entry, checkpoint


def check_report(text, public_key=None):
    """The members of a report that was signed so; Broken otherwise."""
    text = text.rstrip(b"\r\n")
    tail = SIGNATURE.search(text)
    if not tail:
        raise Broken("no signature at its end")
    body = text[:tail.start()] + b"}"
    report = parse(body)
    if not isinstance(report, dict) or canonical(report).encode() != body:
        raise Broken("not in canonical form")
    lines = report.get("keys")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise Broken("no keys")
    keys = follow_keys(lines)
    if public_key is not None and keys[0] != public_key:
        raise Broken("the keys do not begin with the public key that was given")
    if report.get("key") not in keys or not verifies(bytes.fromhex(report["key"]), REPORT + body, bytes.fromhex(tail.group(1).decode())):
        raise Broken("the signature is not that of one of its keys")
    return report


def check_contents(directory):
    """How many Entries seal content, each file held against the hash; (count, None) or (count, why)."""
    count = 0
    for file in sorted(pathlib.Path(directory).glob("[0-9]" * 20 + ".jsonl")):
        for line in file.read_bytes().split(b"\n"):
            place = parse(line)["details"].get("facts", {}).get("content") if line and is_whole(line) else None
            if place is None:
                continue
            count += 1
            name = place["sha256"]
            path = pathlib.Path(directory) / "content" / name[:2] / name
            sequence = parse(line)["sequence"]
            if not is_hex(name) or not path.is_file():
                return count, f"entry {sequence}: the sealed content is not there"
            if hashlib.sha256(path.read_bytes()).hexdigest() != name or path.stat().st_size != place["bytes"]:
                return count, f"entry {sequence}: the sealed content is not the one that was hashed"
    return count, None


def from_paper(text):
    """(size, root) of SIZE:ROOT in base 32; None for other text."""
    match = re.fullmatch(r"([1-9][0-9]{0,18}):([A-Z2-7]{52})", re.sub("[ -]", "", text).upper())
    if not match:
        return None
    root = base64.b32decode(match.group(2) + "====")
    same = base64.b32encode(root).decode().rstrip("=") == match.group(2)
    return (int(match.group(1)), root.hex()) if same else None


def given_key(parser, text):
    if text is None:
        return None
    path = pathlib.Path(text)
    key = path.read_text().split()[0] if path.is_file() and path.read_text().split() else text
    if not is_hex(key):
        parser.error("--public-key wants 64 hexadecimal characters, or a file that holds them")
    return key


def given_witnesses(parser, texts):
    """(receipt, papers, file)"""
    receipt, papers, file = None, [], None
    for text in texts:
        if match := re.fullmatch(r"([1-9][0-9]*):([0-9a-f]{64})", text):
            receipt = (int(match.group(1)), match.group(2))
        elif paper := from_paper(text):
            papers.append(paper)
        elif pathlib.Path(text).is_file():
            file = text
        else:
            parser.error("--witness wants SEQUENCE:HASH, SIZE:ROOT or a file")
    return receipt, papers, file


def tell_proof(path, public_key):
    try:
        entry, checkpoint = check_proof(parse(pathlib.Path(path).read_bytes()), public_key)
    except Broken as why:
        print(f"no proof: {why}")
        return 1
    print(f"entry {entry['sequence']} ({entry['kind']}) stands among the {checkpoint['size']} that the checkpoint of {checkpoint['time_ms']} covers")
    return 0


def tell_report(path, public_key):
    try:
        report = check_report(pathlib.Path(path).read_bytes(), public_key)
    except Broken as why:
        print(f"not as it was signed: {why}")
        return 1
    print(f"a report of {report.get('office')} as it was signed; " + ("nothing speaks against it" if report.get("ok") else f"findings: {report.get('findings')}"))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?")
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--checkpoints")
    parser.add_argument("--public-key")
    parser.add_argument("--proof")
    parser.add_argument("--report")
    parser.add_argument("--content", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    public_key = given_key(parser, options.public_key)
    if options.proof:
        return tell_proof(options.proof, public_key)
    if options.report:
        return tell_report(options.report, public_key)
    if not options.directory:
        parser.error("DIR is missing")
    receipt, papers, witness = given_witnesses(parser, options.witness)
    log = verify(options.directory, receipt, papers, options.checkpoints, witness, public_key, int(time.time() * 1000))
    count, wrong = check_contents(options.directory) if options.content and not log.broken else (0, None)
    if options.json:
        print(json.dumps({**log.report(), **({"contents": wrong or count} if options.content and not log.broken else {})}, ensure_ascii=False))
    elif log.broken:
        print("broken at entry {sequence} ({file}, line {line}): {why}".format(**log.broken))
    else:
        covered = log.checkpoints.checkpoints[-1]["size"] if log.checkpoints.checkpoints else 0
        if options.content:
            print(wrong or f"{count} sealed contents are those that were hashed")
        print(f"whole: {log.entries} entries in {log.segments} files, head {log.entries}:{log.head}; {len(log.checkpoints.checkpoints)} checkpoints cover {covered}")
    return 1 if log.broken or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
