"""Conversations in order: pins, folders, archive, deletion taken back, and search. The real server with a scripted model worker."""
import unittest

import scripted
from harness import OfficeCase, named


class Conversations(OfficeCase):
    model = scripted.MODEL

    def begin(self, client, question):
        started = named(client.ask(question + "\n!say 答えです。", mode="none"), "started")[0]
        return started["conversation_id"]

    def titles(self, client, **query):
        words = "&".join(f"{name}={value}" for name, value in query.items())
        return [item["title"] for item in client.get("/api/v1/conversations?" + words)["items"]]

    def test_the_order_that_people_bring_in(self):
        first, second = self.begin(self.saeki, "敬老会のあいさつ"), self.begin(self.saeki, "旅費の申し込み")
        path = f"/api/v1/conversations/{first}"
        self.assertEqual(self.saeki.request("PATCH", path, {"pinned": True})[0], 200)
        self.assertEqual(self.titles(self.saeki)[0], "敬老会のあいさつ")
        status, folder = self.saeki.request("POST", "/api/v1/folders", {"name": "行事"})
        self.assertEqual(status, 201, folder)
        self.assertEqual(self.saeki.request("POST", "/api/v1/folders", {"name": "行事"})[0], 409)
        self.assertEqual(self.saeki.request("PATCH", path, {"folder_id": folder["id"]})[1]["folder_id"], folder["id"])
        self.assertEqual(self.titles(self.saeki, folder=folder["id"]), ["敬老会のあいさつ"])
        self.assertEqual(self.saeki.get("/api/v1/conversations")["folders"], [{"id": folder["id"], "name": "行事", "conversations": 1}])
        self.assertIsNone(self.saeki.request("PATCH", path, {"folder_id": None})[1]["folder_id"])
        self.assertEqual(self.saeki.request("PATCH", path, {"archived": True})[0], 200)
        self.assertEqual(self.titles(self.saeki, view="archived"), ["敬老会のあいさつ"])
        self.assertEqual(self.saeki.request("PATCH", path, {"colour": "red"})[0], 400)
        self.assertEqual(self.kudo.request("PATCH", path, {"title": "奪う"})[0], 404)
        self.assertEqual(self.kudo.request("PATCH", f"/api/v1/folders/{folder['id']}", {"name": "奪う"})[0], 404)
        self.assertEqual(self.saeki.request("GET", "/api/v1/conversations?view=all")[0], 400)
        self.assertIn("旅費の申し込み", self.titles(self.saeki))
        self.assertEqual(self.saeki.get(f"/api/v1/conversations/{second}")["after"], 0)

    def test_a_deletion_is_taken_back_or_made_for_good(self):
        conversation = self.begin(self.saeki, "誤って消す質問")
        path = f"/api/v1/conversations/{conversation}"
        self.assertEqual(self.saeki.request("DELETE", path)[0], 204)
        self.assertEqual(self.saeki.request("GET", path)[0], 404)
        self.assertEqual(self.saeki.request("POST", "/api/v1/turns", {"question": "続き", "mode": "none", "conversation_id": conversation})[0], 404)
        self.assertIn("誤って消す質問", self.titles(self.saeki, view="deleted"))
        self.assertEqual(self.kudo.request("POST", path + "/restore")[0], 404)
        self.assertEqual(self.saeki.request("POST", path + "/restore")[0], 200)
        self.assertEqual(self.saeki.request("GET", path)[0], 200)
        self.assertEqual(self.saeki.request("DELETE", path + "?forever=true")[0], 204)
        self.assertEqual(self.saeki.request("POST", path + "/restore")[0], 404)

    def test_search_finds_variants_in_ones_own(self):
        conversation = self.begin(self.saeki, "施設の申し込みはいつまでですか。")
        find = lambda client, query: client.request("POST", "/api/v1/conversations/search", {"query": query})[1]["items"]
        found = find(self.saeki, "申込 施設")
        self.assertEqual([item["conversation"]["id"] for item in found], [conversation])
        self.assertIn({"text": "申し込み", "hit": True}, found[0]["hits"][0]["snippet"])
        self.assertEqual(find(self.kudo, "施設"), [])
        self.assertEqual(self.saeki.request("POST", "/api/v1/conversations/search", {"query": ""})[0], 400)
        releases = [line for line in self.server.entries() if line["kind"] == "release.conversations"]
        self.assertIn([conversation], [line["subjects"] for line in releases])

    def test_a_long_conversation_comes_in_stretches(self):
        conversation = self.begin(self.saeki, "一つ目")
        for number in range(4):
            self.saeki.ask(f"続き{number}\n!say はい。", mode="none", conversation_id=conversation)
        shown = self.saeki.get(f"/api/v1/conversations/{conversation}?limit=2")
        self.assertEqual((len(shown["places"]), shown["after"]), (5, 3))
        self.assertEqual([turn["question"].split("\n")[0] for turn in shown["turns"]], ["続き2", "続き3"])
        self.assertEqual(shown["places"][4][1], 3)
        page = self.saeki.get(f"/api/v1/conversations/{conversation}/turns?after=0&limit=3")
        self.assertEqual([turn["question"].split("\n")[0] for turn in page["items"]], ["一つ目", "続き0", "続き1"])
        self.assertEqual(page["next"], "3")


if __name__ == "__main__":
    unittest.main(verbosity=2)
