"""Every page for everybody: axe in every look, small screens, the keyboard, and Japanese input in every field."""
import unittest

from page_case import PageCase


class AccessiblePage(PageCase):
    def test_every_page_can_be_used_by_all(self):
        self.node("accessible.test.mjs")

    def test_confirming_a_conversion_submits_nothing_anywhere(self):
        self.node("composition.test.mjs")


del PageCase  # Else it would be found as a test of its own.

if __name__ == "__main__":
    unittest.main(verbosity=2)
