"""SIGKILL of the server and of the model worker, in the middle of answers and uploads: nothing acknowledged is lost, nobody hangs."""
import os
import signal
import socket
import unittest

from harness import Client, OfficeCase, run, sample, text_of, wait_for

FEES = "一時預かりの利用料は1日いくらですか。"
STORY = {"question": "霧ヶ原町の物語を長く書いてください。", "mode": "none"}
is_text = lambda event: event[1] == "text"


def alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


class Kills(OfficeCase):
    extra = ("--parallel", "1")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_person("unyo", "operator", "1", "全職員")
        cls.operator = Client(cls.server, cls.keys["unyo"])
        cls.rules = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        assert cls.add(cls.saeki, cls.rules, "一時預かり事業実施要綱.txt", sample("一時預かり事業実施要綱.txt"))["state"] == "ready"

    def restart(self):
        workers = self.server.workers()
        self.server.stop(signal.SIGKILL)
        wait_for(lambda: not any(alive(pid) for pid in workers), 10)
        self.server.start()
        self.server.wait_ready()

    def assert_whole(self):
        self.assertEqual(run("audit", "verify", self.server.folder).returncode, 0)
        self.assertEqual(self.saeki.ask(FEES)[-1][1], "done")

    def test_the_server_in_an_answer(self):
        before = self.saeki.ask(FEES)
        conversation_id = before[0][2]["conversation_id"]
        seen = self.saeki.events("POST", "/api/v1/turns", {**STORY, "conversation_id": conversation_id}, until=is_text)
        wait_for(lambda: self.saeki.get(f"/api/v1/conversations/{conversation_id}")["turns"][1]["answer"], 30)
        self.restart()
        conversation = self.saeki.get(f"/api/v1/conversations/{conversation_id}")
        self.assertIsNone(conversation["running_turn_id"])
        answered, broken = conversation["turns"]
        self.assertEqual((answered["state"], answered["answer"]), ("done", text_of(before)))
        self.assertEqual((broken["state"], broken["question"], broken["error"]["code"]), ("failed", STORY["question"], "unavailable"))
        self.assertTrue(broken["answer"], "what was written is kept")
        again = self.saeki.events("GET", f"/api/v1/turns/{seen[0][2]['turn_id']}/events?after=0")
        self.assertEqual((again[-1][1], text_of(again)), ("failed", broken["answer"]))
        self.assert_whole()

    def test_the_server_in_an_upload(self):
        kept = self.add(self.saeki, self.rules, "先に届いた文書.txt", "先に届いた文書である。")
        with socket.create_connection(("127.0.0.1", self.server.port)) as upload:
            upload.sendall(f"POST /api/v1/shelves/{self.rules}/documents?name=half.txt HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.saeki.key}\r\n"
                           f"Content-Length: 8000000\r\n\r\n".encode() + b"x" * 4_000_000)
            arriving = self.server.folder / "blobs/arriving"
            wait_for(lambda: any(file.stat().st_size > 1_000_000 for file in arriving.iterdir()), 30)
            self.restart()
        self.assertEqual(list(arriving.iterdir()), [])
        names = [item["name"] for item in self.saeki.get(f"/api/v1/shelves/{self.rules}/documents?limit=500")["items"]]
        self.assertIn(kept["name"], names)
        self.assertNotIn("half.txt", names)
        self.assertEqual(self.add(self.saeki, self.rules, "half.txt", "今度は届いた。")["state"], "ready")
        self.assert_whole()

    def test_the_model_worker_while_another_turn_waits(self):
        seen = self.saeki.events("POST", "/api/v1/turns", STORY, until=is_text)
        waiting = self.kudo.events("POST", "/api/v1/turns", {"question": FEES, "mode": "shelves"}, until=lambda event: event[1] == "label")
        wait_for(lambda: self.operator.get("/api/v1/admin/health")["engine"]["waiting"] == 1, 30)
        for pid in self.server.workers():
            os.kill(pid, signal.SIGKILL)
        rest = self.saeki.events("GET", f"/api/v1/turns/{seen[0][2]['turn_id']}/events?after={seen[-1][0]}")
        self.assertEqual((rest[-1][1], rest[-1][2]["code"]), ("failed", "unavailable"), rest[-1])
        answered = self.kudo.events("GET", f"/api/v1/turns/{waiting[0][2]['turn_id']}/events?after={waiting[-1][0]}")
        self.assertEqual(answered[-1][1], "done", "who waited is answered by the next worker")
        turn = self.saeki.get(f"/api/v1/conversations/{seen[0][2]['conversation_id']}")["turns"][0]
        self.assertEqual((turn["state"], bool(turn["answer"])), ("failed", True))
        self.assert_whole()


if __name__ == "__main__":
    unittest.main(verbosity=2)
