"""Scans and pictures: their text is recognised, found, marked as recognised, and shown on the page itself. The real worker in its seal."""
import os
import pathlib
import subprocess
import tempfile
import unittest
import zlib

from harness import SOURCE, OfficeCase, sample

NAME = "職員の旅費に関する規則"


def scan(folder, name, *options):
    """The first page of a sample as a scanner would have it: drawn at 200 dots an inch."""
    subprocess.run(["pdftoppm", "-r", "200", "-singlefile", *options, folder / f"{name}.pdf", folder / name], check=True)
    return next(path for path in folder.iterdir() if path.stem == name and path.suffix != ".pdf").read_bytes()


def pdf_of(ppm):
    """A PDF with a picture (PPM) on its only page."""
    head, size, _, dots = ppm.split(b"\n", 3)
    width, height = map(int, size.split())
    picture, content = zlib.compress(dots), b"q 595 0 0 842 0 0 cm /I Do Q"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>",
               b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
               b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
               % (width, height, len(picture), picture)]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


class Scans(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shelf_id = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-scans-", dir=cls.root))
        subprocess.run([SOURCE / "tools/make_samples", cls.folder / "samples"], check=True, capture_output=True)
        pdf = min((cls.folder / "samples").rglob("*.pdf"))
        cls.pdf_name = pdf.stem
        (cls.folder / "紙.pdf").write_bytes(pdf.read_bytes())

    def test_a_scanned_page_is_recognised_found_and_said_to_be(self):
        document = self.add(self.saeki, self.shelf_id, "複合機.pdf", pdf_of(scan(self.folder, "紙")))
        self.assertEqual((document["state"], document["kind"]), ("ready", "pdf"), document)
        self.assertEqual([note["code"] for note in document["notes"]], ["ocr"])
        passages = self.saeki.get(f"/api/v1/documents/{document['id']}/passages?limit=500")["items"]
        self.assertTrue(all(80 <= passage["ocr"] <= 100 for passage in passages), passages)
        squeeze = lambda text: "".join(text.split())
        source = squeeze(next((SOURCE / "samples/source").glob(self.pdf_name + ".*")).read_text())
        found = squeeze("".join(passage["text"] for passage in passages))
        pieces = [found[i:i + 8] for i in range(0, len(found) - 8, 8)]
        self.assertGreater(sum(piece in source for piece in pieces), 0.6 * len(pieces), found)
        words = next(piece for piece in pieces if piece in source and piece.isalpha())
        found = self.saeki.request("POST", "/api/v1/search", {"query": words, "limit": 20})[1]["items"]
        hit = next(item for item in found if item["document_id"] == document["id"])  # Other tests here bring the same page.
        self.assertGreaterEqual(hit["ocr"], 80)
        status, picture = self.saeki.request("GET", f"/api/v1/documents/{document['id']}/pages/1/image?passage={hit['passage_id']}")
        self.assertEqual((status, picture[1:4]), (200, "PNG"))

    def test_a_picture_is_a_document_and_text_is_not_called_recognised(self):
        document = self.add(self.saeki, self.shelf_id, "写真.png", scan(self.folder, "紙", "-png"))
        self.assertEqual((document["state"], document["kind"], document["pages"]), ("ready", "image", 1), document)
        plain = self.add(self.saeki, self.shelf_id, "ただの.txt", sample(NAME + ".txt"))
        self.assertEqual({passage["ocr"] for passage in self.saeki.get(f"/api/v1/documents/{plain['id']}/passages")["items"]}, {None})

    def test_a_picture_that_lies_about_its_size_is_refused_with_a_reason(self):
        png = bytearray(scan(self.folder, "紙", "-png"))
        png[16:24] = (100_000).to_bytes(4, "big") * 2
        document = self.add(self.saeki, self.shelf_id, "爆弾.png", bytes(png))
        self.assertEqual((document["state"], document["error"]["code"]), ("failed", "bomb"), document)
        path = self.folder / "添付" / "爆弾.png"
        os.makedirs(path.parent)
        path.write_bytes(bytes(png))
        listed = self.server.command(self.saeki, "shelf", "add", "例規集", path, check=False)
        self.assertIn("大きくなりすぎるため", listed.stdout + listed.stderr)


if __name__ == "__main__":
    unittest.main()
