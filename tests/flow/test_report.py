"""The signed report that nothing leaves: made in a running server, checked without it, refused once it was changed."""
import json
import random
import socket
import sys
import unittest

from harness import SOURCE, OfficeCase, run

sys.path.insert(0, str(SOURCE / "tools"))
import verify_audit  # noqa: E402


class Report(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shelf = cls.shelf(cls.saeki, "例規", 2, ["子育て支援課"])
        cls.add(cls.saeki, shelf, "要綱.txt", "第1条 利用料は500円とする。\n")
        for _ in range(3):
            cls.saeki.request("POST", "/api/v1/search", {"query": "利用料"})
        cls.file = cls.root / "report.json"
        cls.visitor = socket.create_connection(("127.0.0.1", cls.server.port))
        cls.words = run("report", "egress", "--data", cls.server.folder, "--out", cls.file).stdout
        cls.visitor.close()
        cls.report = json.loads(cls.file.read_text())
        cls.key = run("audit", "key", cls.server.folder).stdout.strip()

    def check(self, text, key=None):
        """Whether both checkers take it for genuine."""
        file = self.root / "checked.json"
        file.write_bytes(text)
        flags = ["--public-key", key] if key else []
        ours = run("report", "check", file, *flags, check=False).returncode == 0
        try:
            verify_audit.check_report(text, key)
            theirs = True
        except verify_audit.Broken:
            theirs = False
        self.assertEqual(ours, theirs)
        return ours

    def test_it_tells_seals_sockets_destinations_releases_and_hashes(self):
        report = self.report
        self.assertTrue(report["ok"], report["findings"])
        self.assertGreater(sum(seal["name"].startswith("probe.") and seal["ok"] for seal in report["seals"]), 100)
        self.assertEqual({seal["worker"] for seal in report["seals"]}, {"seal.model", "seal.extract"})
        server = next(process for process in report["processes"] if process["pid"] == self.server.process.pid)
        states = {(found["kind"], found["state"]) for found in server["sockets"]}
        self.assertIn(("tcp", "listen"), states)
        self.assertIn(("tcp", "established"), states)
        self.assertLessEqual({kind for kind, _ in states}, {"tcp", "unix"})
        self.assertEqual({"name": "screen", "outside": False, "up_to": "機密性3"}, next(found for found in report["policy"]["destinations"] if found["name"] == "screen"))
        shown = sum(release["count"] for release in report["releases"] if release["destination"] == "screen" and release["level"] == "機密性2" and release["outcome"] == "allowed")
        entries = self.server.entries()[:report["log"]["size"]]
        wanted = sum(entry["kind"].startswith("release.") and entry["outcome"] == "allowed" and entry["label"]["level"] == "機密性2"
                     and "screen" in entry["details"].get("destinations", []) for entry in entries)
        self.assertEqual(shown, wanted)
        self.assertGreater(shown, 0)
        self.assertLessEqual({"sekisho", "sekisho-model", "sekisho-extract"}, {found["name"] for found in report["hashes"]})
        self.assertIn("外へ出る道は、見つかりませんでした", self.words)

    def test_it_is_checked_without_the_server_and_stands_on_the_log(self):
        text = self.file.read_bytes()
        self.assertTrue(self.check(text))
        self.assertTrue(self.check(text, self.key))
        self.assertFalse(self.check(text, "ab" * 32))
        paper = [(self.report["log"]["size"], self.report["log"]["root"])]
        self.assertIsNone(verify_audit.verify(self.server.folder / "audit", papers=paper).broken)

    def test_a_report_that_was_changed_is_refused(self):
        text = self.file.read_bytes().rstrip(b"\n")
        for seed in range(40):
            rng = random.Random(seed)
            place = rng.randrange(len(text))
            changed = text[:place] + bytes([text[place] ^ (1 << rng.randrange(7))]) + text[place + 1:]
            self.assertFalse(self.check(changed), (seed, place))
        self.assertFalse(self.check(text.replace(b'"ok":true', b'"ok":false', 1)))
        self.assertFalse(self.check(b""))

    def test_without_a_server_it_says_so(self):
        folder = self.root / "alone"
        run("admin", "group", "add", "全職員", "--data", folder)
        report = json.loads(run("report", "egress", "--data", folder, "--json").stdout)
        self.assertEqual((report["serving"], report["processes"]), (False, []))
        self.assertNotEqual(run("report", "egress", "--data", self.root / "nowhere", check=False).returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
