"""What the page says of personal data, in a real browser."""
import unittest

from page_case import PageCase


class PersonalPage(PageCase):
    def test_the_page(self):
        self.node("personal.test.mjs")


if __name__ == "__main__":
    unittest.main(verbosity=2)
