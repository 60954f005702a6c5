"""The office's disk is full: clear errors, no answer without its Entry, and all goes on once there is room, without a restart."""
import subprocess
import time
import unittest

from harness import Client, OfficeCase, named, run, sample, text_of, wait_for

FEES = "一時預かりの利用料は1日いくらですか。"
JAPANESE = r"[ぁ-ん]"


class FullDisk(OfficeCase):
    @classmethod
    def prepare(cls, folder):
        folder.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "sekisho-flow", folder], capture_output=True).returncode != 0:
            raise unittest.SkipTest("mounting a small disk needs root")
        cls.addClassCleanup(subprocess.run, ["umount", "-l", folder])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        assert cls.add(cls.saeki, cls.rules, "一時預かり事業実施要綱.txt", sample("一時預かり事業実施要綱.txt"))["state"] == "ready"

    def tearDown(self):
        self.free()

    def fill(self):
        with open(self.server.folder / "filler", "ab", buffering=0) as filler:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        filler.write(b"\0" * size)
                except OSError:
                    pass

    def free(self):
        (self.server.folder / "filler").unlink(missing_ok=True)

    def settled(self, conversation_id):
        """The turns of a conversation, once none of them runs."""
        def over():
            status, conversation = self.saeki.request("GET", f"/api/v1/conversations/{conversation_id}")
            return status == 200 and conversation["running_turn_id"] is None and conversation["turns"]
        return wait_for(over, 30)

    def assert_well(self):
        """Uploads and questions work, in the process that was there before."""
        self.assertIsNone(self.server.process.poll())
        self.assertEqual(self.saeki.ask(FEES)[-1][1], "done")
        document = self.add(self.saeki, self.rules, f"その後{time.time_ns()}.txt", "空きができた後の文書である。")
        self.assertEqual(document["state"], "ready", document)
        self.assertEqual(run("audit", "verify", self.server.folder).returncode, 0)

    def test_what_arrives_while_it_is_full(self):
        self.fill()
        status, error = self.saeki.upload(self.rules, "大きい.txt", b"x" * 100_000)
        self.assertEqual((status, error["error"]["code"]), (503, "unavailable"), error)
        self.assertEqual(list((self.server.folder / "blobs/arriving").iterdir()), [])
        file = self.root / "手引.txt"
        file.write_text("窓口の手引である。" * 1000)
        added = self.server.command(self.saeki, "shelf", "add", "例規集", str(file), check=False)
        self.assertEqual(added.returncode, 1)
        self.assertRegex(added.stdout + added.stderr, "ディスクに空きがありません")
        asked = self.server.command(self.saeki, "ask", FEES, check=False)
        if asked.returncode != 0:  # The last page of the log may have room for an Entry or two.
            self.assertRegex(asked.stderr, JAPANESE)
        self.assertEqual(Client(self.server).request("GET", "/healthz")[0], 200, "the server lives")
        self.assertEqual(self.saeki.request("GET", "/api/v1/shelves")[0], 200, "what writes nothing works")
        self.free()
        self.assert_well()

    def test_no_answer_without_its_entry(self):
        self.fill()
        answered, refused = [], 0
        for _ in range(40):
            try:
                events = self.saeki.ask(FEES)
            except AssertionError as error:
                self.assertEqual(error.args[0][0], 503, error)
                refused += 1
                continue
            if text_of(events) or named(events, "sources"):
                answered.append(events[0][2])
            if events[-1][1] == "failed":
                self.assertEqual(events[-1][2]["code"], "unavailable")
                refused += 1
            if refused > 2:
                break
        self.assertGreater(refused, 2, "the disk never was full")
        released = {subject for entry in self.server.entries() if entry["kind"] == "release.answer" for subject in entry["subjects"]}
        for started in answered:
            self.assertIn(started["turn_id"], released)
        self.free()
        for started in answered:
            self.settled(started["conversation_id"])
        self.assert_well()

    def test_an_answer_under_way_ends_and_is_kept(self):
        seen = self.saeki.events("POST", "/api/v1/turns", {"question": "霧ヶ原町の物語を長く書いてください。", "mode": "none"}, until=lambda event: event[1] == "text")
        self.fill()
        self.saeki.request("POST", f"/api/v1/turns/{seen[0][2]['turn_id']}/stop")
        rest = self.saeki.events("GET", f"/api/v1/turns/{seen[0][2]['turn_id']}/events?after={seen[-1][0]}")
        self.assertIn(rest[-1][1], ("done", "failed"))
        self.free()
        turn = self.settled(seen[0][2]["conversation_id"])[0]
        self.assertEqual(turn["state"], "failed" if rest[-1][1] == "failed" else "stopped")
        self.assertTrue(turn["answer"], "what was there is kept")
        closed = lambda: [e for e in self.server.entries() if e["kind"] == "closed.answer" and seen[0][2]["turn_id"] in e["subjects"]]
        wait_for(closed, 30)
        self.assert_well()

    def test_documents_that_wait_are_read_when_there_is_room(self):
        ids = []
        for i in range(4):
            status, document = self.saeki.upload(self.rules, f"規程{i}.txt", (sample("文書管理規程.txt") + f"\n第{i}版").encode())
            self.assertEqual(status, 202)
            ids.append(document["id"])
        self.fill()
        time.sleep(1)
        self.free()
        for document_id in ids:
            self.assertEqual(self.saeki.wait_read(document_id, 30)["state"], "ready")
        self.assert_well()


if __name__ == "__main__":
    unittest.main(verbosity=2)
