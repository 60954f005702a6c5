"""Two verifiers of the audit log that share no code agree: `sekisho audit verify` and tools/verify_audit.py, on a log of real
use, its checkpoints and proofs, and on many ways to tamper with them (seeded; `./test --proof` runs a million)."""
import hashlib
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from harness import BIN, SOURCE, OfficeCase, Server, run

sys.path[:0] = [str(SOURCE / "tools"), str(SOURCE / "tests/proof")]
import audit_samples  # noqa: E402
import verify_audit  # noqa: E402

TAMPERINGS = 200


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


def rechained(lines, at, change):
    """The log with one Entry changed and all after it chained to it anew: whole in itself."""
    lines, previous = list(lines), None
    for place in range(at, len(lines)):
        entry = json.loads(body_of(lines[place]))
        if place == at:
            change(entry)
        else:
            entry["previous"] = previous
        lines[place] = sealed(json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())
        previous = lines[place][-66:-2].decode()
    return lines


def joined(lines):
    return b"".join(line + b"\n" for line in lines)


class Audit(OfficeCase):
    model = None

    @classmethod
    def prepare(cls, folder):
        cls.witness = folder.parent / "witness.jsonl"
        cls.extra = ("--witness", str(cls.witness))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.papers = []
        cls.add(cls.saeki, cls.shelf(cls.saeki, "例規", 2, ["子育て支援課"]), "要綱.txt", "第1条 利用料は500円とする。\t「重要」\n")
        for query in ("利用料", "保育所", "\u202e\x7f制御"):
            cls.saeki.request("POST", "/api/v1/search", {"query": query})
            cls.kudo.request("POST", "/api/v1/search", {"query": query})
            cls.papers.append(json.loads(run("audit", "checkpoint", "--data", cls.server.folder, "--json").stdout))
        cls.kudo.request("POST", "/api/v1/search", {"query": "最後"})
        cls.server.stop()
        cls.log = cls.root / "data" / "audit"
        cls.lines = (cls.log / "00000000000000000001.jsonl").read_bytes().split(b"\n")[:-1]
        cls.seals = (cls.log / "checkpoints.jsonl").read_bytes().split(b"\n")[:-1]
        # Without the checkpoint that the server's end left: what came last is covered by none.
        cls.earlier = joined(seal for seal in cls.seals if json.loads(seal).get("size", 0) < len(cls.lines))
        cls.key = run("audit", "key", cls.server.folder).stdout.strip()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root, ignore_errors=True)

    def verdicts(self, content, receipt=None, seals=None, paper=None, key=None):
        """(whole, place of the finding) by both. `seals`: the checkpoint file; None: as it was. The rest: what was kept outside."""
        folder = self.root / "tampered"
        folder.mkdir(exist_ok=True)
        (folder / "00000000000000000001.jsonl").write_bytes(content)
        (folder / "checkpoints.jsonl").write_bytes(joined(self.seals) if seals is None else seals)
        flags = ["--witness", "{}:{}".format(*receipt)] if receipt else []
        flags += ["--witness", paper] if paper else []
        flags += ["--public-key", key] if key else []
        ours = json.loads(run("audit", "verify", folder, "--json", *flags, check=False).stdout)
        theirs = verify_audit.verify(folder, receipt, [verify_audit.from_paper(paper)] if paper else [], public_key=key)

        def place(broken):
            return broken and (broken["sequence"], broken["file"], broken["line"])
        return (ours["ok"], place(ours.get("broken"))), (theirs.broken is None, place(theirs.broken))

    def agree(self, content, what, receipt=None, **more):
        ours, theirs = self.verdicts(content, receipt, **more)
        self.assertEqual(ours, theirs, what)
        return ours[0]

    def whole(self):
        return joined(self.lines)

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
            self.assertEqual(self.agree(joined(lines), what, seals=self.earlier), what in UNSEEN_AT_THE_END, what)
            self.assertFalse(self.agree(joined(lines), what), what)

    def test_a_witness_sees_what_a_chain_cannot(self):
        head = (len(self.lines), json.loads(self.lines[-1])["hash"])
        self.assertTrue(self.agree(self.whole(), "witnessed", head))
        for lines in (self.lines[:-1], self.lines[:-1] + [forge(self.lines[-1], FORGERIES["another actor"])]):
            self.assertTrue(self.agree(joined(lines), "not covered yet", seals=self.earlier))
            self.assertFalse(self.agree(joined(lines), "witnessed", head, seals=self.earlier))

    def test_an_end_that_a_crash_cut_is_no_damage(self):
        rng = random.Random(7)
        for cut in [1, 2, *(rng.randrange(3, len(self.lines[-1])) for _ in range(20))]:
            self.assertTrue(self.agree(self.whole()[:-cut], ("cut", cut), seals=self.earlier))
            self.assertFalse(self.agree(self.whole()[:-cut], ("cut", cut)), "what a checkpoint covers was acknowledged")

    def test_another_log_spliced_in_is_seen(self):
        other = self.root / "other"
        shutil.rmtree(other, ignore_errors=True)
        server = Server(other, model=None).start()
        server.admin("group", "add", "別")
        server.stop()
        lines = (other / "audit" / "00000000000000000001.jsonl").read_bytes().split(b"\n")[:-1]
        for cut in range(1, min(len(lines), len(self.lines))):
            self.assertFalse(self.agree(b"\n".join(self.lines[:cut] + lines[cut:]) + b"\n", ("spliced", cut)))

    def test_a_log_written_anew_is_seen_by_its_checkpoints_alone(self):
        change = FORGERIES["another actor"]
        covered = self.papers[-1]["size"]
        for at in range(1, len(self.lines)):
            self.assertFalse(self.agree(joined(rechained(self.lines, at, change)), ("rewritten", at)))
        self.assertGreater(len(self.lines), covered)
        for end in range(1, len(self.lines)):
            self.assertFalse(self.agree(joined(self.lines[:end]), ("cut", end)))

    def test_every_change_of_the_checkpoint_file_is_seen(self):
        self.assertGreaterEqual(len(self.seals), 5)
        for at in range(len(self.seals) - 1):
            rest = self.seals[:at] + self.seals[at + 1:]
            self.assertFalse(self.agree(self.whole(), ("dropped", at), seals=joined(rest)))
            swapped = list(self.seals)
            swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
            self.assertFalse(self.agree(self.whole(), ("swapped", at), seals=joined(swapped)))
        self.assertFalse(self.agree(self.whole(), "removed", seals=b""))
        self.assertFalse(self.agree(self.whole(), "doubled", seals=joined([*self.seals, self.seals[-1]])))
        for seed in range(60):
            rng = random.Random(seed)
            self.assertFalse(self.agree(self.whole(), ("flipped", seed), seals=joined(flip(rng, list(self.seals)))))

    def test_a_state_of_before_is_seen_by_who_kept_something_outside(self):
        paper = self.papers[-1]
        self.assertTrue(self.agree(self.whole(), "paper", paper=paper["paper"]))
        self.assertTrue(self.agree(self.whole(), "key", key=self.key))
        self.assertEqual(paper["public_key"], self.key)
        earlier = [seal for seal in self.seals if json.loads(seal).get("size", 0) < paper["size"]]
        before = joined(self.lines[:max(json.loads(seal).get("size", 0) for seal in earlier)])
        self.assertTrue(self.agree(before, "taken back", seals=joined(earlier)), "whole in itself")
        self.assertFalse(self.agree(before, "taken back, paper", seals=joined(earlier), paper=paper["paper"]))
        self.assertFalse(self.agree(self.whole(), "another key", key="ab" * 32))

    def test_a_witness_file_is_held_against_the_checkpoints(self):
        folder = self.root / "witnessed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.log, folder)

        def both():
            ours = run("audit", "verify", folder, "--witness", self.witness, check=False).returncode == 0
            theirs = verify_audit.verify(folder, witness=self.witness).broken is None
            self.assertEqual(ours, theirs)
            return ours
        self.assertEqual(self.witness.read_bytes(), joined(self.seals))
        self.assertTrue(both())
        earlier = self.seals[:-1]
        (folder / "checkpoints.jsonl").write_bytes(joined(earlier))
        self.assertFalse(both())
        (folder / "checkpoints.jsonl").unlink()
        self.assertFalse(both())

    def test_proofs_hold_for_every_entry_and_for_nothing_else(self):
        file = self.root / "proof.json"

        def both(proof, key=None):
            file.write_text(json.dumps(proof, ensure_ascii=False))
            flags = ["--public-key", key] if key else []
            ours = run("audit", "check", file, *flags, check=False).returncode == 0
            try:
                verify_audit.check_proof(proof, key)
                theirs = True
            except verify_audit.Broken:
                theirs = False
            self.assertEqual(ours, theirs, proof)
            return ours
        size = json.loads(self.seals[-1])["size"]
        proofs = []
        for sequence in range(1, size + 1, 3):
            proofs.append(json.loads(run("audit", "prove", sequence, "--data", self.server.folder, "--since", max(1, sequence - 1)).stdout))
            self.assertTrue(both(proofs[-1], self.key))
        first, last = proofs[0], proofs[-1]
        self.assertFalse(both(first, "00" * 32))
        self.assertFalse(both({**first, "entry": last["entry"]}))
        self.assertFalse(both({**first, "entry": forge(first["entry"].encode(), FORGERIES["another actor"]).decode()}))
        self.assertFalse(both({**first, "inclusion": first["inclusion"][1:]}))
        self.assertFalse(both({**first, "inclusion": first["inclusion"] + ["00" * 32]}))
        self.assertFalse(both({**first, "checkpoint": self.seals[1].decode()}))
        self.assertFalse(both({**first, "checkpoint": self.seals[0].decode()}))
        self.assertFalse(both({**first, "keys": []}))
        self.assertFalse(both({**last, "since": {"size": last["since"]["size"], "root": "00" * 32}}))
        self.assertFalse(both({**last, "consistency": []}))
        self.assertFalse(both({name: value for name, value in last.items() if name != "since"}))
        self.assertTrue(both({name: value for name, value in last.items() if name not in ("since", "consistency")}))
        self.assertNotEqual(run("audit", "prove", size + 1, "--data", self.server.folder, check=False).returncode, 0)

    def test_a_server_does_not_start_on_a_key_that_others_may_read_nor_on_a_log_that_was_cut(self):
        data = self.root / "restart"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.server.folder, data)
        key = data / "keys" / "checkpoint.key"
        key.chmod(0o644)
        refused = run("admin", "group", "add", "新しい課", "--data", data, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("may be read by others", refused.stderr)
        key.chmod(0o600)
        run("admin", "group", "add", "新しい課", "--data", data)
        self.assertTrue(json.loads(run("audit", "verify", data, "--json").stdout)["ok"])
        (data / "audit" / "00000000000000000001.jsonl").write_bytes(joined(self.lines[:3]))
        refused = run("admin", "group", "add", "次の課", "--data", data, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("the audit log was changed", refused.stderr)

    def test_old_entries_are_removed_and_the_rest_still_proves_itself(self):
        data = self.root / "old"
        log = data / "audit"
        log.mkdir(parents=True, mode=0o700)
        previous, old = "0" * 64, 20
        for sequence in range(1, old + 6):
            entry = {"actor": {"id": "", "name": "昔"}, "details": {}, "kind": "log.begun" if sequence == 1 else "sign_in", "label": None, "outcome": "done",
                     "previous": previous, "sequence": sequence, "subjects": [], "time_ms": 1_500_000_000_000 + sequence if sequence <= old else int(time.time() * 1000)}
            line = sealed(json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())
            previous = line[-66:-2].decode()
            with open(log / f"{1 if sequence <= 10 else 11 if sequence <= old else old + 1:020}.jsonl", "ab") as file:
                file.write(line + b"\n")
        run("admin", "group", "add", "はじめ", "--data", data)
        self.assertIn("ファイル2個", run("audit", "prune", "--data", data, "--years", "3").stdout)
        self.assertEqual(sorted(path.name for path in log.glob("*.jsonl")), [f"{old + 1:020}.jsonl", "checkpoints.jsonl"])
        run("admin", "group", "add", "その後", "--data", data)

        def both():
            ours = json.loads(run("audit", "verify", log, "--json", check=False).stdout)
            theirs = verify_audit.verify(log).broken
            place = ours.get("broken") and {name: ours["broken"][name] for name in ("sequence", "file", "line")}
            self.assertEqual(place, theirs and {name: theirs[name] for name in ("sequence", "file", "line")})
            self.assertEqual(ours["removed"] if ours["ok"] else old, old)
            return ours["ok"]
        self.assertTrue(both())
        record = (log / "pruned.json").read_bytes()
        for seed in range(60):
            rng = random.Random(seed)
            place = rng.randrange(len(record))
            (log / "pruned.json").write_bytes(record[:place] + bytes([record[place] ^ (1 << rng.randrange(8))]) + record[place + 1:])
            self.assertFalse(both(), (seed, place))
        (log / "pruned.json").unlink()
        self.assertFalse(both())
        (log / "pruned.json").write_bytes(record)
        self.assertTrue(both())
        proof = json.loads(run("audit", "prove", old + 2, "--data", data, "--since", old + 1).stdout)
        self.assertEqual(verify_audit.check_proof(proof)[0]["sequence"], old + 2)
        self.assertIn("ありません", run("audit", "prune", "--data", data, "--years", "3").stdout)

    def test_a_slice_of_the_proof_is_seen_alike_by_both(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([BIN / "audit_proof", "--tamperings", "700", "--seed", "7", "--sample", folder, "--samples", "70"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)
            looked, different = audit_samples.compare(pathlib.Path(folder))
            self.assertEqual((looked, different), (70, []))

    def test_a_file_that_is_missing_is_seen(self):
        folder = self.root / "cut"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "00000000000000000002.jsonl").write_bytes(b"\n".join(self.lines[1:]) + b"\n")
        self.assertFalse(json.loads(run("audit", "verify", folder, "--json", check=False).stdout)["ok"])
        self.assertIsNotNone(verify_audit.verify(folder).broken)


if __name__ == "__main__":
    unittest.main(verbosity=2)
