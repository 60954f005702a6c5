"""Two verifiers of the audit log that share no code agree: `sekisho audit verify` and tools/verify_audit.py, on a log of real
use and on thousands of ways to tamper with it (seeded; SEKISHO_TAMPERINGS raises the number)."""
import hashlib
import json
import os
import pathlib
import random
import shutil
import sys
import unittest

from harness import SOURCE, OfficeCase, Server, run

sys.path.insert(0, str(SOURCE / "tools"))
import verify_audit  # noqa: E402

TAMPERINGS = int(os.environ.get("SEKISHO_TAMPERINGS", "250"))


def sealed(body):
    """The line of a body, hashed as the log hashes."""
    return body[:-1] + b',"hash":"' + hashlib.sha256(b"\0" + body).hexdigest().encode() + b'"}'


def body_of(line):
    return line[:-75] + b"}"


def forge(line, change):
    """The line with its Entry changed and hashed rightly again."""
    entry = json.loads(body_of(line))
    change(entry)
    return sealed(json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())


FORGERIES = {
    "another actor": lambda entry: entry["actor"].update(name="別人"),
    "a member more": lambda entry: entry.update(zzz=1),
    "no label": lambda entry: entry.pop("label"),
    "no details": lambda entry: entry.pop("details"),
    "details a list": lambda entry: entry.update(details=[]),
    "a fraction": lambda entry: entry["details"].update(share=0.5),
    "a huge number": lambda entry: entry["details"].update(count=2**64),
    "an outcome of no kind": lambda entry: entry.update(outcome="maybe"),
    "an actor without a name": lambda entry: entry["actor"].pop("name"),
    "time as text": lambda entry: entry.update(time_ms="now"),
    "sequence as truth": lambda entry: entry.update(sequence=True),
    "a deep nest": lambda entry: entry["details"].update(deep=json.loads("[" * 40 + "]" * 40)),
    "back in time": lambda entry: entry.update(time_ms=0),
    "readers of no form": lambda entry: entry.update(label={"level": "機密性1", "readers": [1]}),
    "previous in capitals": lambda entry: entry.update(previous=entry["previous"].upper()),
}
# What nobody can see without a witness: the last line written anew in good form.
UNSEEN_AT_THE_END = {"another actor", "back in time"}


def flip(rng, lines):
    at = rng.randrange(len(lines))
    place = rng.randrange(len(lines[at]))
    lines[at] = lines[at][:place] + bytes([lines[at][place] ^ (1 << rng.randrange(8))]) + lines[at][place + 1:]
    return lines


def drop(rng, lines):
    del lines[rng.randrange(len(lines) - 1)]
    return lines


def repeat(rng, lines):
    at = rng.randrange(len(lines))
    lines.insert(rng.randrange(len(lines) + 1), lines[at])
    return lines


def swap(rng, lines):
    first, second = rng.sample(range(len(lines)), 2)
    lines[first], lines[second] = lines[second], lines[first]
    return lines


def rewrite(rng, lines):
    """An earlier line written anew, as one who can compute hashes would."""
    at = rng.randrange(len(lines) - 1)
    lines[at] = forge(lines[at], FORGERIES["another actor"])
    return lines


def spaces(rng, lines):
    at = rng.randrange(len(lines))
    lines[at] = sealed(body_of(lines[at]).replace(b",", b", ", 1))
    return lines


def double(rng, lines):
    at = rng.randrange(len(lines))
    lines[at] = sealed(b'{"actor":{"id":"","name":""},' + body_of(lines[at])[1:])
    return lines


TAMPER = (flip, drop, repeat, swap, rewrite, spaces, double)


class Audit(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add(cls.saeki, cls.shelf(cls.saeki, "例規", 2, ["子育て支援課"]), "要綱.txt", "第1条 利用料は500円とする。\t「重要」\n")
        for query in ("利用料", "保育所", "\u202e\x7f制御"):
            cls.saeki.request("POST", "/api/v1/search", {"query": query})
            cls.kudo.request("POST", "/api/v1/search", {"query": query})
        cls.server.stop()
        cls.log = cls.root / "data" / "audit"
        cls.lines = (cls.log / "00000000000000000001.jsonl").read_bytes().split(b"\n")[:-1]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root, ignore_errors=True)

    def verdicts(self, content, witness=None):
        """(whole, sequence of the finding) by both."""
        folder = self.root / "tampered"
        folder.mkdir(exist_ok=True)
        (folder / "00000000000000000001.jsonl").write_bytes(content)
        more = ["--witness", "{}:{}".format(*witness)] if witness else []
        ours = json.loads(run("audit", "verify", folder, "--json", *more, check=False).stdout)
        theirs = verify_audit.verify(folder, witness)
        return (ours["ok"], (ours.get("broken") or {}).get("sequence")), (theirs.broken is None, (theirs.broken or {}).get("sequence"))

    def agree(self, content, what, witness=None):
        ours, theirs = self.verdicts(content, witness)
        self.assertEqual(ours, theirs, what)
        return ours[0]

    def test_the_log_of_real_use_is_whole(self):
        self.assertGreater(len(self.lines), 10)
        self.assertTrue(self.agree(b"\n".join(self.lines) + b"\n", "untouched"))

    def test_every_tampering_is_seen_by_both(self):
        for seed in range(TAMPERINGS):
            rng = random.Random(seed)
            how = TAMPER[seed % len(TAMPER)]
            lines = how(rng, list(self.lines))
            if lines == self.lines:
                continue
            self.assertFalse(self.agree(b"\n".join(lines) + b"\n", (seed, how.__name__)), (seed, how.__name__))

    def test_forged_last_lines_are_refused_for_their_form(self):
        for what, change in FORGERIES.items():
            lines = self.lines[:-1] + [forge(self.lines[-1], change)]
            self.assertEqual(self.agree(b"\n".join(lines) + b"\n", what), what in UNSEEN_AT_THE_END, what)

    def test_a_witness_sees_what_a_chain_cannot(self):
        head = (len(self.lines), json.loads(self.lines[-1])["hash"])
        whole = b"\n".join(self.lines) + b"\n"
        self.assertTrue(self.agree(whole, "witnessed", head))
        self.assertFalse(self.agree(b"\n".join(self.lines[:-1]) + b"\n", "cut at its end", head))
        anew = self.lines[:-1] + [forge(self.lines[-1], FORGERIES["another actor"])]
        self.assertFalse(self.agree(b"\n".join(anew) + b"\n", "written anew", head))

    def test_an_end_that_a_crash_cut_is_no_damage(self):
        whole = b"\n".join(self.lines) + b"\n"
        rng = random.Random(7)
        for cut in [1, 2, *(rng.randrange(3, len(self.lines[-1])) for _ in range(20))]:
            if cut == 1:
                continue  # The line feed alone: the last line is whole but for it.
            self.assertTrue(self.agree(whole[:-cut], ("cut", cut)))

    def test_another_log_spliced_in_is_seen(self):
        other = self.root / "other"
        shutil.rmtree(other, ignore_errors=True)
        server = Server(other, model=None).start()
        server.admin("group", "add", "別")
        server.stop()
        lines = (other / "audit" / "00000000000000000001.jsonl").read_bytes().split(b"\n")[:-1]
        for cut in range(1, min(len(lines), len(self.lines))):
            self.assertFalse(self.agree(b"\n".join(self.lines[:cut] + lines[cut:]) + b"\n", ("spliced", cut)))

    def test_a_file_that_is_missing_is_seen(self):
        folder = self.root / "cut"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "00000000000000000002.jsonl").write_bytes(b"\n".join(self.lines[1:]) + b"\n")
        self.assertFalse(json.loads(run("audit", "verify", folder, "--json", check=False).stdout)["ok"])
        self.assertIsNotNone(verify_audit.verify(folder).broken)


if __name__ == "__main__":
    unittest.main(verbosity=2)
