"""Sealed content of the log: what it holds, who may read it, and what erasing leaves. The real server with a scripted model worker."""
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

import scripted
from harness import SOURCE, Client, OfficeCase, named, run

OPENINGS = "/api/v1/audit/openings"
SAID = "一時預かりの件、承りました。"


class Content(OfficeCase):
    model = scripted.MODEL

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, roles, clearance in (("kansa", "auditor", "2"), ("kensa", "auditor", "2"), ("unyo", "operator", "1"), ("hikui", "auditor", "1"), ("both", "auditor,operator", "3")):
            cls.add_person(name, roles, clearance, "全職員")
            setattr(cls, name, Client(cls.server, cls.keys[name]))
        cls.question = f"マイナンバーは983205673214です。\n!say {SAID}"
        cls.turn = named(cls.saeki.ask(cls.question, mode="none"), "started")[0]["turn_id"]
        cls.entry = next(entry for entry in cls.server.entries() if entry["kind"] == "closed.answer" and cls.turn in entry["subjects"])
        cls.place = cls.entry["details"]["facts"]["content"]

    def ask(self, client, reason="苦情の調査のため"):
        return client.request("POST", OPENINGS, {"sequence": self.entry["sequence"], "reason": reason})

    def kinds(self, opening):
        return [(entry["kind"], entry["outcome"], entry["actor"]["name"]) for entry in self.server.entries() if opening in entry["subjects"]]

    def test_the_log_holds_the_hash_of_sealed_bytes_and_no_words(self):
        sealed = self.root / "data/audit/content" / self.place["sha256"][:2] / self.place["sha256"]
        self.assertEqual(sealed.stat().st_size, self.place["bytes"])
        for path in (self.root / "data/audit").rglob("*"):
            if path.is_file():
                self.assertNotIn("承りました".encode(), path.read_bytes(), path)
        self.assertEqual((self.root / "data/keys/content" / self.place["key"]).stat().st_mode & 0o777, 0o600)

    def test_two_people_open_it_and_each_step_is_an_entry(self):
        status, asked = self.ask(self.kansa)
        self.assertEqual(status, 201, asked)
        opening = asked["id"]
        self.assertEqual(self.kansa.request("POST", f"{OPENINGS}/{opening}/read")[0], 404, "nobody agreed yet")
        self.assertEqual(self.kansa.request("POST", f"{OPENINGS}/{opening}/approve")[0], 404, "one's own")
        self.assertEqual(self.saeki.request("POST", f"{OPENINGS}/{opening}/approve")[0], 404)
        self.assertEqual(self.unyo.request("POST", f"{OPENINGS}/{opening}/approve")[0], 200)
        self.assertEqual(self.kensa.request("POST", f"{OPENINGS}/{opening}/approve")[0], 409)
        for other in (self.kensa, self.unyo, self.saeki):
            self.assertEqual(other.request("POST", f"{OPENINGS}/{opening}/read")[0], 404, "another's")
        status, content = self.kansa.request("POST", f"{OPENINGS}/{opening}/read")
        self.assertEqual((status, content["question"], content["answer"], content["sources"]), (200, self.question, SAID, []))
        listed = {item["id"]: item for item in self.unyo.get(OPENINGS)["items"]}[opening]
        self.assertEqual((listed["asked_by"], listed["approved_by"], listed["reason"], listed["sequence"], listed["own"]), ("kansa", "unyo", "苦情の調査のため", self.entry["sequence"], False))
        self.assertEqual(self.kinds(opening), [("content.asked", "done", "kansa"), ("content.approved", "done", "unyo"), ("release.content", "allowed", "kansa")])

    def test_one_person_with_both_roles_is_still_one(self):
        status, asked = self.ask(self.both)
        self.assertEqual(status, 201)
        self.assertEqual(self.both.request("POST", f"{OPENINGS}/{asked['id']}/approve")[0], 404)
        self.assertEqual(self.kinds(asked["id"]), [("content.asked", "done", "both")])

    def test_only_auditors_whose_clearance_reaches_ask_and_only_for_what_is_sealed(self):
        for client in (self.saeki, self.unyo, self.hikui):
            self.assertEqual(self.ask(client)[0], 404)
        self.assertEqual(self.ask(self.kansa, "短")[0], 400)
        for sequence in (1, 10_000_000):
            self.assertEqual(self.kansa.request("POST", OPENINGS, {"sequence": sequence, "reason": "苦情の調査のため"})[0], 404)
        self.assertEqual(self.saeki.request("GET", OPENINGS)[0], 404)

    def test_it_is_over_when_its_time_is(self):
        import sqlite3
        opening = self.ask(self.kansa)[1]["id"]
        self.assertEqual(self.kensa.request("POST", f"{OPENINGS}/{opening}/approve")[0], 200)
        with sqlite3.connect(self.root / "data/sekisho.db", timeout=60) as database:
            database.execute("UPDATE opening SET approved_ms = approved_ms - 86400001 WHERE id = ?", (opening,))
        self.assertEqual(self.kansa.request("POST", f"{OPENINGS}/{opening}/read")[0], 404)
        late = self.ask(self.kansa)[1]["id"]
        with sqlite3.connect(self.root / "data/sekisho.db", timeout=60) as database:
            database.execute("UPDATE opening SET asked_ms = asked_ms - 7 * 86400000 - 1 WHERE id = ?", (late,))
        self.assertEqual(self.kensa.request("POST", f"{OPENINGS}/{late}/approve")[0], 404)

    @staticmethod
    def both_verifiers(log):
        """What each says of the log in that folder: (exit, contents)."""
        ours = run("audit", "verify", log, "--content", "--json", check=False)
        theirs = subprocess.run([sys.executable, SOURCE / "tools/verify_audit.py", log, "--content", "--json"], capture_output=True, text=True)
        return [(each.returncode, json.loads(each.stdout)["contents"]) for each in (ours, theirs)]

    def test_sealed_bytes_that_were_changed_or_taken_away_are_seen_by_both(self):
        run("audit", "checkpoint", "--data", self.server.folder)
        for number, damage in enumerate((lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]), pathlib.Path.unlink)):
            copy = self.root / f"copy{number}"
            shutil.copytree(self.root / "data/audit", copy)
            damage(copy / "content" / self.place["sha256"][:2] / self.place["sha256"])
            ours, theirs = self.both_verifiers(copy)
            self.assertEqual(ours, theirs)
            self.assertEqual(ours[0], 1)
            self.assertIn(f"entry {self.entry['sequence']}", ours[1])

    def test_the_command_line_does_the_same(self):
        opening = self.server.command(self.kansa, "audit", "open", "ask", self.entry["sequence"], "--reason", "苦情の調査のため").stdout.split("：")[1].split()[0]
        self.assertIn("承認待ち", self.server.command(self.kensa, "audit", "open", "list").stdout)
        self.assertEqual(self.server.command(self.kansa, "audit", "open", "approve", opening, check=False).returncode, 1)
        self.assertIn("承認しました", self.server.command(self.kensa, "audit", "open", "approve", opening).stdout)
        self.assertIn(SAID, self.server.command(self.kansa, "audit", "open", "read", opening).stdout)

    def test_who_erases_the_key_leaves_the_log_whole_and_the_words_unreadable(self):
        opening = self.ask(self.kansa)[1]["id"]
        self.assertEqual(self.kensa.request("POST", f"{OPENINGS}/{opening}/approve")[0], 200)
        erase = ("audit", "erase", "--data", self.server.folder, "--label", "機密性2", "--reason", "保存の期限")
        self.assertIn("ありません", run(*erase, "--before", self.place["key"][:7] + "-28").stdout, "a month that is not over")
        told = run(*erase, "--before", "2999-01-01").stdout
        self.assertIn("消しました", told)
        self.assertEqual(self.kansa.request("POST", f"{OPENINGS}/{opening}/read")[0], 404)
        self.assertFalse((self.root / "data/keys/content" / self.place["key"]).exists())
        erased = [entry for entry in self.server.entries() if entry["kind"] == "content.erased"][-1]["details"]["facts"]
        self.assertEqual((self.place["key"] in erased["keys"], erased["level"], erased["reason"]), (True, "機密性2", "保存の期限"))
        run("audit", "checkpoint", "--data", self.server.folder)
        ours, theirs = self.both_verifiers(self.server.folder / "audit")
        self.assertEqual((ours[0], theirs[0]), (0, 0))
        self.assertEqual(ours[1], theirs[1])
        self.assertGreaterEqual(ours[1], 1)
        # What comes after is sealed under another key.
        turn = named(self.saeki.ask(self.question, mode="none"), "started")[0]["turn_id"]
        entry = next(entry for entry in self.server.entries() if entry["kind"] == "closed.answer" and turn in entry["subjects"])
        self.assertNotEqual(entry["details"]["facts"]["content"]["key"], self.place["key"])


if __name__ == "__main__":
    unittest.main()
