"""Documents: every kind, every wrong kind, and what survives a SIGKILL. The real extract worker in its real seal."""
import contextlib
import hashlib
import http.client
import io
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import zipfile
from email.message import EmailMessage

from harness import SOURCE, Client, OfficeCase, Server, named, sample

SAMPLES = tempfile.mkdtemp(prefix="sekisho-samples-")


def rc4(key, data):
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def encrypted_pdf(password):
    """A page that opens with `password` alone: the standard handler, revision 2 (ISO 32000-1, 7.6.3)."""
    padding = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
    padded, file_id, permissions = (password + padding)[:32], b"0123456789abcdef", -4
    owner = rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + permissions.to_bytes(4, "little", signed=True) + file_id).digest()[:5]
    text = rc4(hashlib.md5(key + bytes((4, 0, 0, 0, 0))).digest()[:10], b"BT /F1 12 Tf 20 100 Td (secret) Tj ET")
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text), b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
               b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P %d >>" % (owner.hex().encode(), rc4(key, padding).hex().encode(), permissions)]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size 7 /Root 1 0 R /Encrypt 6 0 R /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n" % (file_id.hex().encode(), file_id.hex().encode(), start))


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(sheets):
    """An xlsx of {name: rows}, every cell a text."""
    parts, relations, listed = {}, "", ""
    for number, (name, rows) in enumerate(sheets.items(), 1):
        cells = "".join(f'<row r="{r}">' + "".join(f'<c r="{chr(64 + c)}{r}" t="inlineStr"><is><t>{value}</t></is></c>' for c, value in enumerate(row, 1)) + "</row>" for r, row in enumerate(rows, 1))
        parts[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
        relations += f'<Relationship Id="r{number}" Type="http://x/worksheet" Target="worksheets/sheet{number}.xml"/>'
        listed += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
    return zip_of({**parts, "xl/workbook.xml": f'<workbook xmlns:r="r"><sheets>{listed}</sheets></workbook>', "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>"})


class Documents(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shelf_id = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])

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
            "保護.pdf": (encrypted_pdf(b"himitsu"), "encrypted"),
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

    def test_a_sheet_of_a_workbook_in_a_mail_in_an_archive_is_found_and_cited(self):
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = "鷺沼団地の入居状況について", "juutaku@example.jp", "soumu@example.jp"
        mail.set_content("入居状況の表を送ります。\n")
        mail.add_attachment(workbook({"入居": [["棟", "戸数", "空き"], ["鷺沼一号棟", "40", "3"], ["鷺沼二号棟", "36", "1"], ["鷺沼三号棟", "24", "0"]]}), maintype="application", subtype="octet-stream", filename="入居状況.xlsx")
        mail.add_attachment(b"\x60\x0e\x82\x01" + b"\0" * 600, maintype="application", subtype="octet-stream", filename="配置図.xdw")
        document = self.add(self.saeki, self.shelf_id, "受信.zip", zip_of({"令和6年度/受信.eml": mail.as_bytes()}))
        self.assertEqual((document["state"], document["kind"]), ("ready", "zip"), document)
        self.assertEqual([(note["code"], note["detail"].split(" (")[0]) for note in document["notes"]], [("inner_unread", "配置図.xdw")])
        found = self.saeki.request("POST", "/api/v1/search", {"query": "鷺沼二号棟の空き"})[1]["items"][0]
        self.assertEqual(found["document_id"], document["id"])
        self.assertEqual(found["path"], "「令和6年度/受信.eml」／添付「入居状況.xlsx」／シート「入居」")
        self.assertIn("棟: 鷺沼二号棟 / 戸数: 36 / 空き: 1", found["text"])
        listed = self.server.command(self.saeki, "shelf", "add", "例規集", self.folder_with("受信2.zip", zip_of({"a.eml": mail.as_bytes()})))
        self.assertIn("中の文書に、読めないものがあります。", listed.stdout)

    def folder_with(self, name, content):
        path = self.root / name
        path.write_bytes(content)
        return path

    def test_a_page_is_drawn_for_those_who_may_read_it_and_for_nobody_else(self):
        closed = self.shelf(self.saeki, "機密性2の書架", 2, ["全職員"])
        document = self.add(self.saeki, closed, "開ける.pdf", encrypted_pdf(b""))
        passage = self.passages(document)[0]["id"]
        path = f"/api/v1/documents/{document['id']}/pages/1/image"
        status, kind, plain = self.picture(self.saeki, path)
        self.assertEqual((status, kind), (200, "image/png"))
        self.assertTrue(plain.startswith(b"\x89PNG\r\n\x1a\n"))
        marked = self.picture(self.saeki, f"{path}?passage={passage}")[2]
        self.assertTrue(marked.startswith(b"\x89PNG") and marked != plain)
        self.assertEqual(self.picture(self.saeki, f"{path}?passage={passage}")[2], marked)
        self.add_person("yoso", "official", "1", "全職員")
        for wrong in (path, f"{path}?passage={passage}"):
            self.assertEqual(self.picture(Client(self.server, self.keys["yoso"]), wrong)[0], 404)
            self.assertEqual(self.picture(Client(self.server), wrong)[0], 401)
        text = self.add(self.saeki, self.shelf_id, "文字だけ.txt", "文字だけの文書である。")
        self.assertEqual(self.picture(self.saeki, f"/api/v1/documents/{text['id']}/pages/1/image")[0], 415)
        self.assertEqual(self.picture(self.saeki, f"/api/v1/documents/{document['id']}/pages/2/image")[0], 415)
        self.assertEqual(self.picture(self.saeki, f"/api/v1/documents/{document['id']}/pages/1x/image")[0], 404)
        other = self.passages(text)[0]["id"]
        self.assertEqual(self.picture(self.saeki, f"{path}?passage={other}")[0], 404)
        shown = [entry for entry in self.server.entries() if document["id"] in json.dumps(entry) and "screen" in json.dumps(entry)]
        self.assertGreaterEqual(len(shown), 3)  # Each look is recorded before it is answered.
        self.saeki.request("DELETE", f"/api/v1/documents/{document['id']}")
        self.assertEqual(self.picture(self.saeki, path)[0], 404)

    def picture(self, client, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=client.headers())
            response = connection.getresponse()
            return response.status, response.getheader("Content-Type"), response.read()

    def test_a_wrong_extension_is_read_by_its_content(self):
        document = self.add(self.saeki, self.shelf_id, "実はテキスト.pdf", "拡張子は違うが、これは文章である。読めるはずである。")
        self.assertEqual((document["state"], document["kind"]), ("ready", "text"), document)

    def test_an_encrypted_pdf_without_a_password_is_read(self):
        document = self.add(self.saeki, self.shelf_id, "開ける.pdf", encrypted_pdf(b""))
        self.assertEqual(document["state"], "ready", document)
        self.assertIn("secret", self.passages(document)[0]["text"])

    def test_every_encoding_of_japan_is_read_without_mojibake(self):
        words = "髙橋様からの申請書（令和７年４月１日付け）を、第２会議室で受け付けた。担当は①総務課である。\r\n" * 5
        for encoding in ("cp932", "euc_jp", "iso2022_jp", "utf-8-sig", "utf-16"):
            with self.subTest(encoding):
                said = words if encoding in ("cp932", "utf-8-sig", "utf-16") else words.replace("髙", "高").replace("①", "一")
                document = self.add(self.saeki, self.shelf_id, f"{encoding}.txt", said.encode(encoding))
                self.assertEqual(document["state"], "ready", document)
                self.assertIn(said.split("（")[0], self.passages(document)[0]["text"])

    def test_bytes_of_no_encoding_are_said_to_be_garbled(self):
        document = self.add(self.saeki, self.shelf_id, "文章ではない.txt", random.Random(1).randbytes(20_000))
        codes = [note["code"] for note in document["notes"]]
        self.assertTrue(document["state"] == "failed" or "garbled" in codes, document)

    def test_what_is_too_large_is_refused_before_it_is_sent(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as connection:
            connection.sendall(f"POST /api/v1/shelves/{self.shelf_id}/documents?name=big.pdf HTTP/1.1\r\nHost: localhost\r\n"
                               f"Authorization: Bearer {self.saeki.key}\r\nContent-Length: {2 << 30}\r\n\r\n".encode())
            self.assertIn(b" 413 ", connection.recv(1000))
        big = self.root / "大きい.pdf"
        with open(big, "wb") as file:
            file.truncate(2 << 30)
        added = self.server.command(self.saeki, "shelf", "add", "例規集", big, check=False)
        self.assertEqual(added.returncode, 1)
        self.assertRegex(added.stdout, "大きすぎます")
        self.assertEqual(list((self.server.folder / "blobs/arriving").iterdir()), [])

    def test_the_command_line_says_why_in_japanese(self):
        bad = self.root / "保護された文書.pdf"
        bad.write_bytes(encrypted_pdf(b"naisho"))
        added = self.server.command(self.saeki, "shelf", "add", "例規集", bad, check=False)
        self.assertEqual(added.returncode, 1)
        self.assertIn("パスワードで保護されています。", added.stdout)

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
