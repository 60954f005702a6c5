"""Attachments, exports, summaries and versions in a real browser, on the real server with a scripted model worker."""
import os
import shutil
import subprocess
import unittest

import scripted
from harness import SOURCE, OfficeCase

PASSWORD = "霧ヶ原の朝は早い。2025"


@unittest.skipUnless(shutil.which("node"), "no Node.js")
class ConversationsPage(OfficeCase):
    model = scripted.MODEL

    def test_in_a_browser(self):
        self.shelf(self.saeki, "例規集", 1, ["全職員"])
        self.server.admin("user", "add", "hasegawa", "--display-name", "長谷川 操", "--roles", "official,author", "--clearance", "2", "--groups", "全職員",
                          "--password-stdin", stdin=PASSWORD + "\n")
        done = subprocess.run(["node", "--test", str(SOURCE / "tests/web/conversations.test.mjs")], capture_output=True, text=True, timeout=600,
                              env={**os.environ, "SEKISHO_URL": self.server.url, "SEKISHO_NAME": "hasegawa", "SEKISHO_PASSWORD": PASSWORD})
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr[-2000:])


if __name__ == "__main__":
    unittest.main(verbosity=2)
