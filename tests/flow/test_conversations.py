"""Conversations in order: pins, folders, archive, deletion taken back, and search. The real server with a scripted model worker."""
import io
import unittest
import urllib.request
import xml.dom.minidom
import zipfile

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

    def test_an_export_is_whole_and_recorded_and_stops_at_its_label(self):
        shelf = self.shelf(self.saeki, "料金", 1, ["全職員"])
        self.assertEqual(self.add(self.saeki, shelf, "料金.txt", "第1条　利用料は、1日2,400円とする。")["state"], "ready")
        done = named(self.saeki.ask("利用料はいくらですか。\n!say 利用料は、1日2,400円です。𠮷", shelves=[shelf]), "started")[0]
        turn, conversation = f"/api/v1/turns/{done['turn_id']}/export", f"/api/v1/conversations/{done['conversation_id']}/export"
        status, text = self.saeki.request("GET", conversation + "?form=md")
        self.assertEqual(status, 200)
        for part in ("利用料は、1日2,400円です。", "格付：機密性1", "モデル：", "出典1：料金.txt"):
            self.assertIn(part, text)
        docx = self.fetch(conversation + "?form=docx")
        with zipfile.ZipFile(io.BytesIO(docx.read())) as archive:
            self.assertIsNone(archive.testzip())
            for name in archive.namelist():
                xml.dom.minidom.parseString(archive.read(name))
            archive_bytes = archive.fp.getvalue()
        read = self.add(self.saeki, shelf, "書き出し.docx", archive_bytes)
        self.assertEqual(read["state"], "ready", read)
        passages = "".join(item["text"] for item in self.saeki.get(f"/api/v1/documents/{read['id']}/passages")["items"])
        self.assertIn("利用料は、1日2,400円です。", passages)
        csv = self.fetch(turn + "?form=csv-cp932")
        self.assertEqual(csv.headers["X-Sekisho-Missing"], "U+20BB7 x2")
        self.assertIn("利用料は、1日2,400円です。", csv.read().decode("cp932"))
        self.assertEqual(self.kudo.request("GET", turn + "?form=md")[0], 404)
        self.assertEqual(self.saeki.request("GET", turn + "?form=pdf")[0], 400)
        kinds = [line["kind"] for line in self.server.entries()]
        self.assertEqual((kinds.count("release.export"), kinds.count("closed.export")), (3, 3))

    def test_what_may_not_leave_is_not_exported(self):
        shelf = self.shelf(self.saeki, "内部", 2, ["子育て支援課"])
        self.assertEqual(self.add(self.saeki, shelf, "内部.txt", "第1条　内部の手順は、二人で確かめる。")["state"], "ready")
        done = named(self.saeki.ask("内部の手順は何ですか。\n!say 内部の手順は、二人で確かめます。", shelves=[shelf]), "started")[0]
        self.assertEqual(self.saeki.request("GET", f"/api/v1/turns/{done['turn_id']}/export?form=md")[0], 404)
        self.assertEqual(self.saeki.get("/api/v1/session")["limits"]["export_level"], 1)

    def fetch(self, path):
        request = urllib.request.Request(self.server.url + path, headers=self.saeki.headers())
        return urllib.request.urlopen(request, timeout=60)

    def test_a_summary_begins_a_new_conversation_under_the_old_label(self):
        conversation = self.begin(self.saeki, "要約する会話")
        events = self.saeki.ask("要約してください。\n!say 要約です。", mode="none", summary_of=conversation)
        started = named(events, "started")[0]
        self.assertNotEqual(started["conversation_id"], conversation)
        self.assertEqual(started["title"], "要約：要約する会話")
        self.assertEqual(self.kudo.request("POST", "/api/v1/turns", {"question": "要約", "mode": "none", "summary_of": conversation})[0], 404)
        self.assertEqual(self.saeki.request("POST", "/api/v1/turns", {"question": "要約", "mode": "shelves", "summary_of": conversation})[0], 400)

    def test_attachments_answer_their_own_question_and_are_nobody_elses(self):
        status, shelf = self.saeki.request("POST", "/api/v1/attachments", {"level": 2})
        self.assertEqual(status, 201, shelf)
        self.assertEqual(self.saeki.request("POST", "/api/v1/attachments", {"level": 3})[0], 404)
        document = self.add(self.saeki, shelf["id"], "私の覚書.txt", "第1条　鶴亀算の会は、毎月十日に開く。")
        self.assertEqual(document["state"], "ready")
        self.assertNotIn(shelf["id"], [one["id"] for one in self.saeki.get("/api/v1/shelves")["items"]])
        find = lambda client: client.request("POST", "/api/v1/search", {"query": "鶴亀算の会"})[1]["items"]
        self.assertEqual((find(self.saeki), find(self.kudo)), ([], []))
        for path in (f"/api/v1/shelves/{shelf['id']}", f"/api/v1/documents/{document['id']}", f"/api/v1/documents/{document['id']}/passages"):
            self.assertEqual(self.kudo.request("GET", path)[0], 404, path)
        self.assertEqual(self.kudo.upload(shelf["id"], "混ぜる.txt", b"x")[0], 404)
        asked = {"question": "鶴亀算の会はいつですか。\n!say 鶴亀算の会は、毎月十日に開きます。", "mode": "shelves", "shelves": [shelf["id"]], "attachments": shelf["id"]}
        self.assertEqual(self.kudo.request("POST", "/api/v1/turns", asked)[0], 404)
        events = self.saeki.events("POST", "/api/v1/turns", asked)
        self.assertEqual(named(events, "sources")[0]["items"][0]["document_name"], "私の覚書.txt")
        self.assertEqual(named(events, "label")[0]["level"], 2)
        conversation = self.saeki.get(f"/api/v1/conversations/{named(events, 'started')[0]['conversation_id']}")
        self.assertEqual(conversation["attachments"], shelf["id"])
        self.assertEqual(self.saeki.request("DELETE", f"/api/v1/documents/{document['id']}")[0], 204)


if __name__ == "__main__":
    unittest.main(verbosity=2)
