"""The page in a real browser, on the real server with a scripted model worker: what its tests begin with."""
import os
import shutil
import subprocess
import unittest

import scripted
from harness import SOURCE, OfficeCase, sample

PASSWORD = "霧ヶ原の朝は早い。2025"


@unittest.skipUnless(shutil.which("node"), "no Node.js")
class PageCase(OfficeCase):
    model = scripted.MODEL

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, display, roles in (("hasegawa", "長谷川 操", "official,author,operator"), ("kansa", "監査 一", "auditor")):
            cls.server.admin("user", "add", name, "--display-name", display, "--roles", roles, "--clearance", "3", "--groups", "全職員,子育て支援課",
                             "--password-stdin", stdin=PASSWORD + "\n")
        rules = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        assert cls.add(cls.saeki, rules, "一時預かり事業実施要綱.txt", sample("一時預かり事業実施要綱.txt"))["state"] == "ready"

    def node(self, file):
        done = subprocess.run(["node", "--test", str(SOURCE / "tests/web" / file)], capture_output=True, text=True, timeout=600,
                              env={**os.environ, "SEKISHO_URL": self.server.url, "SEKISHO_NAME": "hasegawa", "SEKISHO_PASSWORD": PASSWORD,
                                   "SEKISHO_QUESTION": "一時預かりの利用料はいくらですか。!say 利用料は、1日2,400円です。"})
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr[-2000:])
