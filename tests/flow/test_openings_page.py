"""Sealed words of the log are opened by two people at the page, in a real browser."""
import unittest

from page_case import PageCase


class OpeningsPage(PageCase):
    def test_the_page(self):
        self.saeki.ask("合言葉は何ですか。\n!say 封じた言葉です。", mode="none")
        self.node("openings.test.mjs")


del PageCase  # Else it would be found as a test of its own.

if __name__ == "__main__":
    unittest.main(verbosity=2)
