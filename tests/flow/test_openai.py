"""The official clients of OpenAI's API, of PyPI and of npm, against the real server. Their exact versions are in openai/."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import venv

from harness import OfficeCase, make_office, sample

HERE = pathlib.Path(__file__).resolve().parent / "openai"
CACHE = pathlib.Path(os.environ.get("SEKISHO_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "sekisho") / "test-openai"
CHECK_S = 800


def is_set_up(folder, wanted):
    mark = folder / "wanted"
    return mark.exists() and mark.read_text() == wanted


def set_up(folder, wanted, make):
    """Makes `folder` anew unless it was made whole for `wanted` before."""
    if is_set_up(folder, wanted):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make(folder)
    (folder / "wanted").write_text(wanted)
    return folder


def python_client():
    requirements = HERE / "requirements.txt"

    def make(folder):
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([folder / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], check=True)
    return set_up(CACHE / f"python{sys.version_info[0]}.{sys.version_info[1]}", requirements.read_text(), make) / "venv/bin/python"


def node_client():
    """A folder with the packages and a copy of the check beside them, where node finds them."""
    files = [HERE / name for name in ("package.json", "package-lock.json", ".npmrc")]

    def make(folder):
        for file in files:
            shutil.copy(file, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    folder = set_up(CACHE / "node", "".join(file.read_text() for file in files), make)
    shutil.copy(HERE / "check_openai.mjs", folder)
    return folder


class OfficialClients(OfficeCase):
    @classmethod
    def prepare(cls, folder):
        make_office(folder, questions_a_minute=1_000)  # The clients' checks ask more often than a person would.

    @classmethod
    def setUpClass(cls):
        cls.python, cls.node = python_client(), node_client()
        super().setUpClass()
        shelf = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        for name in ("一時預かり事業実施要綱.txt", "職員の旅費に関する規則.txt"):
            assert cls.add(cls.saeki, shelf, name, sample(name))["state"] == "ready"
        cls.environment = {**os.environ, "SEKISHO_URL": cls.server.url, "SEKISHO_KEY": cls.keys["saeki"],
                           "SEKISHO_BOUND_KEY": cls.server.admin("key", "create", "saeki", "--shelves", shelf)}

    def check(self, command, folder):
        done = subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, text=True, timeout=CHECK_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_python_client(self):
        self.check([self.python, HERE / "check_openai.py"], HERE)

    def test_the_node_client(self):
        self.check(["node", "--test", "check_openai.mjs"], self.node)


if __name__ == "__main__":
    unittest.main(verbosity=2)
