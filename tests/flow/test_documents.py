"""Documents: every kind, every wrong kind, and what survives a SIGKILL. The real extract worker in its real seal."""
import io
import os
import signal
import subprocess
import tempfile
import time
import unittest
import zipfile

from harness import SOURCE, Client, OfficeCase, Server, named, sample

SAMPLES = tempfile.mkdtemp(prefix="sekisho-samples-")


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


class Documents(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shelf_id = cls("test_reads_every_sample").shelf(cls.saeki, "例規集", 1, ["全職員"])

    def passages(self, document):
        return self.saeki.get(f"/api/v1/documents/{document['id']}/passages?limit=500")["items"]

    def test_reads_every_sample(self):
        subprocess.run([SOURCE / "tools/make_samples", SAMPLES], check=True, capture_output=True)
        files = [os.path.join(folder, name) for folder, _, names in os.walk(SAMPLES) for name in names]
        self.assertEqual(len(files), 20)
        for path in files:
            with self.subTest(os.path.basename(path)):
                document = self.add(self.saeki, self.shelf_id, os.path.basename(path), open(path, "rb").read())
                self.assertEqual(document["state"], "ready", document)
                self.assertGreater(document["passages"], 0)
                text = "".join(passage["text"] for passage in self.passages(document))
                self.assertNotIn("\ufffd", text)
                source = next((SOURCE / "samples/source").glob(os.path.splitext(os.path.basename(path))[0] + ".*")).read_text()
                if not path.endswith((".html", ".csv")):
                    squeeze = lambda words: "".join(words.split()).replace("#", "").replace("*", "").replace("〜", "~").replace("～", "~")
                    have, want = squeeze(text), squeeze(source)
                    lost = [want[i:i + 12] for i in range(0, len(want) - 12, 12) if want[i:i + 12] not in have]
                    self.assertLess(len(lost), max(3, len(want) / 12 * 0.15), lost[:5])

    def test_cites_articles(self):
        document = self.add(self.saeki, self.shelf_id, "旅費.txt", sample("職員の旅費に関する規則.txt"))
        article = next(p for p in self.passages(document) if "10,900円" in p["text"])
        self.assertIn("第4条", article["path"])
        self.assertIn("第2章", article["path"])

    def test_wrong_documents_say_why(self):
        bomb = zip_of({"[Content_Types].xml": "<Types/>", "word/document.xml": b"0" * (300 << 20)})
        cases = {
            "空.txt": (b"", "empty_file"),
            "壊れた.pdf": (b"%PDF-1.4\n1 0 obj <<", "damaged"),
            "爆弾.docx": (bomb, "bomb"),
            "一太郎.jtd": (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2000, None),
            "画像.docx": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, None),
        }
        for name, (content, code) in cases.items():
            with self.subTest(name):
                document = self.add(self.saeki, self.shelf_id, name, content)
                self.assertEqual(document["state"], "failed", document)
                self.assertTrue(document["error"]["code"])
                if code:
                    self.assertEqual(document["error"]["code"], code, document)
        fine = self.add(self.saeki, self.shelf_id, "その後.txt", "一つの悪い文書は、ほかの文書を止めない。")
        self.assertEqual(fine["state"], "ready")

    def test_a_wrong_extension_is_read_by_its_content(self):
        document = self.add(self.saeki, self.shelf_id, "実はテキスト.pdf", "拡張子は違うが、これは文章である。読めるはずである。")
        self.assertEqual((document["state"], document["kind"]), ("ready", "text"), document)

    def test_the_same_file_again_is_the_same_document(self):
        first = self.add(self.saeki, self.shelf_id, "同じ.txt", "同じ内容の文書である。")
        second = self.add(self.saeki, self.shelf_id, "同じ.txt", "同じ内容の文書である。")
        self.assertEqual(first["id"], second["id"])

    def test_deleted_is_gone_from_search_at_once(self):
        document = self.add(self.saeki, self.shelf_id, "消す.txt", "鶴亀算研究会の規約である。")
        find = lambda: [item["document_id"] for item in self.saeki.request("POST", "/api/v1/search", {"query": "鶴亀算研究会"})[1]["items"]]
        self.assertIn(document["id"], find())
        self.assertEqual(self.saeki.request("DELETE", f"/api/v1/documents/{document['id']}")[0], 204)
        self.assertNotIn(document["id"], find())
        self.assertEqual(self.saeki.request("GET", f"/api/v1/documents/{document['id']}")[0], 404)

    def test_wrong_uploads_leave_nothing(self):
        for name in ("", "a/b.txt", "..", "a" * 300):
            self.assertEqual(self.saeki.upload(self.shelf_id, name, b"x")[0], 400, name)
        self.assertEqual(self.saeki.upload("0" * 26, "a.txt", b"x")[0], 404)
        arriving = self.server.folder / "blobs/arriving"
        self.assertEqual(list(arriving.iterdir()) if arriving.exists() else [], [])

    def test_officials_may_add_and_auditors_may_not(self):
        self.add_person("ono", "official", "2", "全職員")
        self.add_person("kansa", "auditor", "2", "全職員")
        self.assertEqual(Client(self.server, self.keys["ono"]).upload(self.shelf_id, "x.txt", "職員も加えられる。".encode())[0], 202)
        self.assertEqual(Client(self.server, self.keys["kansa"]).upload(self.shelf_id, "y.txt", b"x")[0], 404)


class Crash(OfficeCase):
    model = None

    def test_sigkill_at_any_moment_loses_nothing_acknowledged(self):
        shelf_id = self.shelf(self.saeki, "例規集", 1, ["全職員"])
        acknowledged = {}
        for round_number in range(4):
            for i in range(6):
                name = f"文書{round_number}-{i}.txt"
                status, document = self.saeki.upload(shelf_id, name, (sample("文書管理規程.txt") + f"\n第{i}版 {round_number}").encode())
                self.assertEqual(status, 202)
                acknowledged[name] = document["id"]
            time.sleep(0.05 * round_number)
            self.server.stop(signal.SIGKILL)
            self.server.start()
            self.saeki.server = self.server
        for name, document_id in acknowledged.items():
            document = self.saeki.wait_read(document_id)
            self.assertEqual(document["state"], "ready", document)
        listed = self.saeki.get(f"/api/v1/shelves/{shelf_id}/documents?limit=500")["items"]
        self.assertEqual({item["name"] for item in listed}, set(acknowledged))
        from harness import run
        self.assertEqual(run("audit", "verify", self.server.folder).returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
