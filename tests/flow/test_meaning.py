"""Search by meaning with the real embedding model: what is found without a common word, by whom, and after a crash."""
import signal
import unittest

from harness import Client, OfficeCase, wait_for

EMBED_S = 120


class Meaning(OfficeCase):
    model = None
    embedding = "embedding"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_person("unei", "operator", "1", "全職員")
        cls.operator = Client(cls.server, cls.keys["unei"])
        cls.open_shelf = cls.shelf(cls.saeki, "しごと", 1, ["全職員"])
        cls.closed_shelf = cls.shelf(cls.saeki, "人事", 2, ["子育て支援課"])
        cls.childcare = cls.add(cls.saeki, cls.open_shelf, "a.txt", "一時保育の利用料は、幼児1人につき1時間350円とする。")
        cls.rubbish = cls.add(cls.saeki, cls.open_shelf, "b.txt", "粗大ごみの収集は、電話で申し込む。手数料は1点500円である。")
        cls.secret = cls.add(cls.saeki, cls.closed_shelf, "c.txt", "病気で長く休む職員の給料は、8割を支給する。")
        cls.wait_embedded()

    @classmethod
    def wait_embedded(cls):
        """Until every passage has its vector."""
        def is_done():
            verdicts = cls.operator.get("/api/v1/admin/health")["verdicts"]
            found = [one for one in verdicts if one["name"] == "embedding"]
            return found and found[0]["ok"] and found[0]["detail"].split()[-1] == "3/3"
        wait_for(is_done, EMBED_S, lambda: cls.server.process.poll() is not None and cls.server.tail())

    def find(self, client, query):
        status, found = client.request("POST", "/api/v1/search", {"query": query, "explain": True})
        self.assertEqual(status, 200, found)
        return found["items"]

    def test_what_shares_no_word_with_the_question_is_found(self):
        found = self.find(self.saeki, "キッズをあずけるコスト")
        self.assertEqual(found[0]["document_id"], self.childcare["id"], found)
        self.assertEqual(found[0]["matched"], [])
        self.assertGreater(found[0]["cosine"], 0.7)

    def test_nobody_finds_by_meaning_what_they_may_not_read(self):
        query = "サラリー カット"
        self.assertIn(self.secret["id"], [one["document_id"] for one in self.find(self.saeki, query)])
        self.assertNotIn(self.secret["id"], [one["document_id"] for one in self.find(self.kudo, query)])

    def test_vectors_outlive_a_kill_and_go_with_their_document(self):
        self.server.stop(signal.SIGKILL)
        self.server.start()
        self.wait_embedded()
        self.assertEqual(self.find(self.saeki, "キッズをあずけるコスト")[0]["document_id"], self.childcare["id"])
        added = self.add(self.saeki, self.open_shelf, "d.txt", "託児室の使用は無料とする。")
        wait_for(lambda: any(one["document_id"] == added["id"] and "cosine" in one for one in self.find(self.saeki, "キッズルーム")), EMBED_S)
        self.assertEqual(self.saeki.request("DELETE", f"/api/v1/documents/{added['id']}")[0], 204)
        self.assertNotIn(added["id"], [one["document_id"] for one in self.find(self.saeki, "キッズルーム")])

    def test_the_embedding_is_to_be_had_by_the_api_of_openai(self):
        status, answer = self.saeki.request("POST", "/v1/embeddings", {"model": "multilingual-e5-small", "input": ["予算", "決算"]})
        self.assertEqual(status, 200, answer)
        self.assertEqual([len(one["embedding"]) for one in answer["data"]], [384, 384])

    def test_the_log_says_that_passages_went_to_the_engine(self):
        entries = [one for one in self.server.entries() if one["kind"] == "passages.embedded"]
        self.assertEqual({one["details"]["facts"]["destination"] for one in entries}, {"engine.local"})
        self.assertEqual({one["subjects"][0] for one in entries} >= {self.open_shelf, self.closed_shelf}, True)


if __name__ == "__main__":
    unittest.main()
