"""api/openapi.yaml and the routes of the server say the same."""
import re
import unittest

from harness import SOURCE, OfficeCase

METHODS = ("get", "post", "put", "patch", "delete")


def documented():
    found, path = set(), None
    for line in (SOURCE / "api/openapi.yaml").read_text().splitlines():
        if match := re.fullmatch(r"  (/\S*):", line):
            path = match[1]
        elif path and (match := re.match(r"    (\w+):", line)) and match[1] in METHODS:
            found.add((match[1].upper(), path))
        elif re.fullmatch(r"\w+:", line) and line != "paths:":
            path = None
    return found


class Contract(OfficeCase):
    model = None

    def test_routes_and_contract_agree(self):
        served = {tuple(line.split()[:2]) for line in self.server.admin("routes").splitlines()}
        served.discard(("GET", "/{path...}"))
        self.assertEqual(served, documented())

    def test_every_route_declares_who_may_use_it(self):
        for line in self.server.admin("routes").splitlines():
            self.assertIn(line.split()[2], ("public", "signed_in", "official", "author", "operator", "auditor"), line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
