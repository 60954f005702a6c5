"""The page: its unit tests, its tests in a real browser on its own scripted server, and the main job on the real one."""
import os
import shutil
import subprocess
import unittest

from harness import SOURCE, OfficeCase, sample

WEB = SOURCE / "web"
PASSWORD = "霧ヶ原の朝は早い。2025"


def node(*arguments, env=None, timeout=800):
    done = subprocess.run(arguments, cwd=WEB, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}")


@unittest.skipUnless(shutil.which("node"), "no Node.js")
class Page(OfficeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("hasegawa",):
            cls.server.admin("user", "add", name, "--display-name", "長谷川 操", "--roles", "official,author,operator", "--clearance", "3",
                             "--groups", "全職員,子育て支援課", "--password-stdin", stdin=PASSWORD + "\n")
        rules = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        assert cls.add(cls.saeki, rules, "一時預かり事業実施要綱.txt", sample("一時預かり事業実施要綱.txt"))["state"] == "ready"

    def test_its_units(self):
        node("npm", "test", "--silent")

    def test_in_a_browser_on_the_scripted_server(self):
        node("node", "--test", "../tests/web/flow.test.mjs")

    def test_the_main_job_on_the_real_server(self):
        node("node", "--test", "../tests/web/flow.test.mjs",
             env={"SEKISHO_URL": self.server.url, "SEKISHO_NAME": "hasegawa", "SEKISHO_PASSWORD": PASSWORD, "SEKISHO_QUESTION": "一時預かりの利用料は1日いくらですか。"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
