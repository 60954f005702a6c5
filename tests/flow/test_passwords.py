"""Documents with a password: asked for, used once, kept nowhere."""
import os
import pathlib
import unittest

from harness import OfficeCase, run
from test_documents import encrypted_pdf


class Passwords(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shelf_id = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        cls.password = "open-sesame-7391"
        cls.pdf = encrypted_pdf(cls.password.encode())

    def retry(self, document, body):
        return self.saeki.request("POST", f"/api/v1/documents/{document['id']}/retry", body)

    def test_the_password_is_used_once_and_kept_nowhere(self):
        document = self.add(self.saeki, self.shelf_id, "鍵.pdf", self.pdf)
        self.assertEqual((document["state"], document["error"]["code"]), ("failed", "encrypted"), document)
        self.assertEqual(self.retry(document, {"password": "not-this-one"})[0], 202)
        document = self.saeki.wait_read(document["id"])
        self.assertEqual((document["state"], document["error"]["code"]), ("failed", "encrypted"), document)
        self.assertEqual(self.retry(document, {"password": self.password})[0], 202)
        document = self.saeki.wait_read(document["id"])
        self.assertEqual(document["state"], "ready", document)
        self.assertIn("secret", self.saeki.get(f"/api/v1/documents/{document['id']}/passages")["items"][0]["text"])
        self.assertEqual(self.retry(document, {"password": self.password})[0], 409)
        for folder, _, names in os.walk(self.root / "data"):
            for name in names:
                path = pathlib.Path(folder, name)
                if path.is_file():
                    self.assertNotIn(self.password.encode(), path.read_bytes(), path)
        # The same file under another name asks again.
        self.assertEqual(self.add(self.saeki, self.shelf_id, "鍵2.pdf", self.pdf)["state"], "failed")

    def test_wrong_bodies_are_refused_and_none_reads_it_as_before(self):
        document = self.add(self.saeki, self.shelf_id, "鍵3.pdf", self.pdf)
        for body, status in (({"password": 5}, 400), ({"key": "x"}, 400), ({"password": "x" * 1025}, 413), ({"password": "x" * 10_000}, 413)):
            self.assertEqual(self.retry(document, body)[0], status, str(body)[:40])
        self.assertEqual(self.retry(document, None)[0], 202)
        self.assertEqual(self.saeki.wait_read(document["id"])["state"], "failed")

    def test_the_command_line_reads_it_from_standard_input(self):
        path = os.path.join(self.root, "鍵4.pdf")
        with open(path, "wb") as file:
            file.write(self.pdf)
        env = {"SEKISHO_URL": self.server.url, "SEKISHO_KEY": self.saeki.key}
        wrong = run("shelf", "add", "例規集", path, "--password-stdin", stdin="no\n", check=False, env=env)
        self.assertEqual(wrong.returncode, 1, wrong.stdout + wrong.stderr)
        self.assertIn("パスワードで保護されています。", wrong.stdout)
        path2 = os.path.join(self.root, "鍵5.pdf")
        os.rename(path, path2)
        right = run("shelf", "add", "例規集", path2, "--password-stdin", stdin=self.password + "\n", check=False, env=env)
        self.assertEqual(right.returncode, 0, right.stdout + right.stderr)
        self.assertIn("✓ 鍵5.pdf", right.stdout)


if __name__ == "__main__":
    unittest.main()
