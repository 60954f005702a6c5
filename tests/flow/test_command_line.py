"""What the command line says of its own wrong use, and the auditor's check with a receipt kept elsewhere."""
import json
import unittest

from harness import OfficeCase, run

ENGLISH = r"Run with|required|expected|Usage|Options|Subcommands"


class CommandLine(OfficeCase):
    model = None

    def test_wrong_use_is_said_in_japanese(self):
        for arguments in ((), ("serve", "--parallel", "900"), ("shelf",), ("ask",), ("model", "add", "/ない.gguf"), ("nope",), ("serve", "--key", "x"),
                          ("admin", "user", "add", "--data", self.server.folder), ("admin", "--data", self.server.folder)):
            with self.subTest(arguments):
                wrong = run(*arguments, check=False)
                self.assertEqual(wrong.returncode, 2)
                self.assertRegex(wrong.stderr, r"[ぁ-ん]")
                self.assertNotRegex(wrong.stderr, ENGLISH)

    def test_help_is_in_japanese(self):
        for arguments in (("--help",), ("serve", "--help"), ("audit", "verify", "--help"), ("admin", "--help", "--data", self.server.folder)):
            with self.subTest(arguments):
                shown = run(*arguments)
                self.assertIn("使い方", shown.stdout)
                self.assertNotRegex(shown.stdout, ENGLISH)

    def test_a_receipt_kept_elsewhere_finds_a_log_that_was_cut(self):
        report = json.loads(run("audit", "verify", self.server.folder, "--json").stdout)
        self.assertIn(report["witness"], run("audit", "verify", self.server.folder).stdout)
        self.shelf(self.saeki, "後から", 1, ["全職員"])
        self.assertEqual(run("audit", "verify", self.server.folder, "--witness", report["witness"]).returncode, 0)
        number, value = report["witness"].split(":")
        for wrong in (f"{int(number) - 1}:{value}", f"{int(number) + 1000}:{value}"):
            missing = run("audit", "verify", self.server.folder, "--witness", wrong, check=False)
            self.assertEqual(missing.returncode, 1)
            self.assertIn(f"{wrong.split(':')[0]}件目までの記録がありません", missing.stderr)
        for no_receipt in ("", "5", "x:" + value, f"{number}:abc", f"-1:{value}", f"{number}:{value}0"):
            self.assertEqual(run("audit", "verify", self.server.folder, "--witness", no_receipt, check=False).returncode, 2, no_receipt)


if __name__ == "__main__":
    unittest.main(verbosity=2)
