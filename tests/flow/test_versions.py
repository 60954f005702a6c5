"""A document replaced, its history, and a deletion taken back. The real extract worker in its real seal."""
import signal
import unittest

from harness import Client, OfficeCase


class Versions(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shelf_id = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])

    def find(self, words):
        return [item["document_id"] for item in self.saeki.request("POST", "/api/v1/search", {"query": words})[1]["items"]]

    def replace(self, client, document, name, content):
        return client.request("POST", f"/api/v1/documents/{document['id']}/versions?name={name}", raw=content.encode(), headers={"Content-Type": "application/octet-stream"})

    def listed(self):
        return {item["id"] for item in self.saeki.get(f"/api/v1/shelves/{self.shelf_id}/documents?limit=500")["items"]}

    def test_a_deletion_is_taken_back(self):
        document = self.add(self.saeki, self.shelf_id, "kesu.txt", "鶴亀算研究会の規約である。")
        self.assertEqual(self.saeki.request("DELETE", f"/api/v1/documents/{document['id']}")[0], 204)
        self.assertNotIn(document["id"], self.find("鶴亀算研究会") + list(self.listed()))
        self.assertEqual(self.saeki.request("GET", f"/api/v1/documents/{document['id']}")[0], 404)
        self.assertEqual(self.saeki.request("POST", f"/api/v1/documents/{document['id']}/restore")[0], 200)
        self.assertIn(document["id"], self.find("鶴亀算研究会"))
        self.assertIn(document["id"], self.listed())
        self.assertEqual(self.saeki.request("POST", f"/api/v1/documents/{document['id']}/restore")[0], 404)

    def test_a_new_version_takes_the_place_when_it_has_been_read(self):
        first = self.add(self.saeki, self.shelf_id, "ryoukin.txt", "第1条　松竹梅会館の使用料は、千円とする。")
        status, second = self.replace(self.saeki, first, "ryoukin2.txt", "第1条　松竹梅会館の使用料は、二千円とする。")
        self.assertEqual(status, 202, second)
        second = self.saeki.wait_read(second["id"])
        self.assertEqual((second["state"], second["replaces"]), ("ready", first["id"]))
        self.assertEqual(self.find("松竹梅会館の使用料")[:1], [second["id"]])
        self.assertNotIn(first["id"], self.find("松竹梅会館の使用料") + list(self.listed()))
        # The old version opens, so that old answers keep their sources.
        old = self.saeki.get(f"/api/v1/documents/{first['id']}")
        self.assertIsNotNone(old["replaced_ms"])
        self.assertIn("千円", self.saeki.get(f"/api/v1/documents/{first['id']}/passages")["items"][0]["text"])
        for document in (first, second):
            self.assertEqual([one["id"] for one in self.saeki.get(f"/api/v1/documents/{document['id']}/versions")["items"]], [second["id"], first["id"]])
        self.assertEqual(self.replace(self.saeki, first, "x.txt", "もう古い版である。")[0], 409)

    def test_a_version_that_cannot_be_read_replaces_nothing(self):
        first = self.add(self.saeki, self.shelf_id, "kiyaku.txt", "雪月花クラブの会則である。")
        _, broken = self.replace(self.saeki, first, "kiyaku.pdf", "%PDF-1.4\n1 0 obj <<")
        self.assertEqual(self.saeki.wait_read(broken["id"])["state"], "failed")
        self.assertIn(first["id"], self.find("雪月花クラブ"))
        self.assertIn(first["id"], self.listed())

    def test_what_was_replaced_or_deleted_stays_away_after_a_restart(self):
        first = self.add(self.saeki, self.shelf_id, "a.txt", "花鳥風月課の分掌である。")
        _, second = self.replace(self.saeki, first, "a.txt", "花鳥風月課の新しい分掌である。")
        self.saeki.wait_read(second["id"])
        gone = self.add(self.saeki, self.shelf_id, "b.txt", "花鳥風月課の古い覚書である。")
        self.saeki.request("DELETE", f"/api/v1/documents/{gone['id']}")
        self.server.stop(signal.SIGKILL)
        self.server.start()
        self.assertEqual(self.find("花鳥風月課"), [second["id"]])

    def test_others_replace_and_restore_nothing(self):
        secret = self.shelf(self.saeki, "内部", 2, ["子育て支援課"])
        document = self.add(self.saeki, secret, "naibu.txt", "内部の手順である。")
        self.assertEqual(self.replace(self.kudo, document, "x.txt", "混ぜる。")[0], 404)
        self.assertEqual(self.kudo.request("GET", f"/api/v1/documents/{document['id']}/versions")[0], 404)
        self.add_person("ono", "official", "2", "子育て支援課")
        self.assertEqual(Client(self.server, self.keys["ono"]).request("DELETE", f"/api/v1/documents/{document['id']}")[0], 404)
        self.saeki.request("DELETE", f"/api/v1/documents/{document['id']}")
        self.assertEqual(self.kudo.request("POST", f"/api/v1/documents/{document['id']}/restore")[0], 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
