"""Model files that are broken, hostile or of a kind we do not run: refused in Japanese, and nothing of them stays."""
import os
import pathlib
import struct
import tempfile
import unittest

from harness import run

SMALL = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32.gguf"
JAPANESE = r"[ぁ-ん]"


def text(value):
    value = value.encode()
    return struct.pack("<Q", len(value)) + value


def number(key, value):
    return text(key) + struct.pack("<II", 4, value)


def head(entries, tensors=0, version=3, counted=None):
    return struct.pack("<IIQQ", 0x46554747, version, tensors, len(entries) if counted is None else counted) + b"".join(entries)


def named(architecture):
    return text("general.architecture") + struct.pack("<I", 8) + text(architecture)


HOSTILE = {
    "空.gguf": b"",
    "文章.gguf": "これはモデルではありません。".encode() * 100,
    "印だけ.gguf": b"GGUF",
    "古い版.gguf": head([named("qwen2")], version=1),
    "知らない種類.gguf": head([named("mamba9000"), number("mamba9000.block_count", 1)], tensors=1) + text("x") + struct.pack("<IQQIQ", 2, 8, 4, 0, 0) + b"\0" * 300,
    "項目が無数.gguf": head([named("qwen2")], counted=2**63),
    "重みが無数.gguf": head([named("qwen2")], tensors=2**60),
    "長すぎる名前.gguf": struct.pack("<IIQQ", 0x46554747, 3, 0, 1) + struct.pack("<Q", 2**62) + b"x" * 64,
    "入れ子の並び.gguf": head([text("a") + struct.pack("<IIQ", 9, 9, 2**40)]),
    "同じ鍵が二つ.gguf": head([named("qwen2"), named("llama")]),
}


class BadModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="sekisho-models-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.cache = pathlib.Path(cls.folder.name) / "cache"
        cls.env = {"SEKISHO_CACHE": str(cls.cache)}

    def file(self, name, content):
        path = pathlib.Path(self.folder.name) / name
        path.write_bytes(content)
        return path

    def kept(self):
        models = self.cache / "models"
        return sorted(path.name for path in models.iterdir() if not path.name.endswith(".lock")) if models.exists() else []

    def assert_refused(self, path):
        added = run("model", "add", path, check=False, env=self.env)
        self.assertEqual(added.returncode, 1, added)
        self.assertEqual(added.stdout, "")
        self.assertRegex(added.stderr, JAPANESE)
        self.assertEqual(self.kept(), [])
        served = run("serve", "--data", pathlib.Path(self.folder.name) / "data", "--listen", "127.0.0.1:0", "--model", path, "--embedding", "none", check=False, env=self.env, timeout=30)
        self.assertEqual(served.returncode, 1, served)
        self.assertRegex(served.stderr, "始められません")
        self.assertEqual(self.kept(), [])
        return added.stderr

    def test_hostile_heads(self):
        for name, content in HOSTILE.items():
            with self.subTest(name):
                self.assert_refused(self.file(name, content))

    def test_a_kind_that_we_do_not_run_is_named(self):
        self.assertIn("mamba9000", self.assert_refused(self.file("知らない種類.gguf", HOSTILE["知らない種類.gguf"])))

    def test_the_small_model_cut_short(self):
        with open(pathlib.Path(os.environ.get("SEKISHO_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sekisho") / "models" / SMALL, "rb") as whole:
            begin = whole.read(12 << 20)
        for size in (12 << 20, 1 << 20, 100):
            with self.subTest(size):
                self.assert_refused(self.file("途中まで.gguf", begin[:size]))
        broken = bytearray(begin)
        broken[24:4096] = os.urandom(4072)
        self.assert_refused(self.file("書き換えた.gguf", bytes(broken)))

    def test_what_is_no_file(self):
        for path in ("/dev/zero", self.folder.name, "/does/not/exist.gguf"):
            with self.subTest(path):
                added = run("model", "add", path, check=False, env=self.env, timeout=30)
                self.assertIn(added.returncode, (1, 2))
                self.assertRegex(added.stderr, JAPANESE)
                self.assertEqual(self.kept(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
