"""The page's answers, its administration, and what a hostile model might write."""
import unittest

from page_case import PageCase


class AnswersPage(PageCase):
    def test_answers(self):
        self.node("answers.test.mjs")

    def test_administration(self):
        self.node("admin.test.mjs")

    def test_hostile_outputs(self):
        self.node("hostile.test.mjs")


del PageCase  # Else it would be found as a test of its own.

if __name__ == "__main__":
    unittest.main(verbosity=2)
