"""The routes of administration: who may, what they change, and what they never tell."""
import csv
import io
import json
import sys
import unittest

from harness import SOURCE, Client, OfficeCase, run

sys.path.insert(0, str(SOURCE / "tools"))
import verify_audit  # noqa: E402


class Administration(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_person("unyo", "operator", "2", "全職員")
        cls.add_person("kansa", "auditor", "1", "全職員")
        cls.unyo, cls.kansa = Client(cls.server, cls.keys["unyo"]), Client(cls.server, cls.keys["kansa"])

    def user(self, name):
        return next(person for person in self.unyo.get("/api/v1/admin/users")["items"] if person["name"] == name)

    def test_changes_hold_from_the_next_request_on(self):
        self.add_person("henko", "official", "1", "建設課")
        person, client = self.user("henko"), Client(self.server, self.keys["henko"])
        path = f"/api/v1/admin/users/{person['id']}"
        status, changed = self.unyo.request("PATCH", path, {"roles": ["official", "author"], "clearance": 2, "groups": ["全職員"]})
        self.assertEqual((status, changed["roles"], changed["clearance"], changed["groups"]), (200, ["official", "author"], 2, ["全職員"]))
        self.assertEqual(client.request("GET", "/api/v1/conversations")[0], 200)
        self.assertEqual(self.unyo.request("PATCH", path, {"suspended": True})[0], 200)
        self.assertEqual(client.request("GET", "/api/v1/conversations")[0], 401)
        for body in ({"roles": ["king"]}, {"clearance": 9}, {"groups": ["ない課"]}, {"password": "short"}, {"admin": True}):
            self.assertEqual(self.unyo.request("PATCH", path, body)[0], 400, body)
        self.assertEqual(self.unyo.request("PATCH", "/api/v1/admin/users/" + "0" * 26, {"suspended": True})[0], 404)

    def test_nobody_locks_themselves_out(self):
        path = f"/api/v1/admin/users/{self.user('unyo')['id']}"
        for body in ({"suspended": True}, {"roles": ["official"]}):
            self.assertEqual(self.unyo.request("PATCH", path, body)[0], 409)

    def test_only_its_role_reaches_a_route(self):
        person = self.user("saeki")["id"]
        for method, path, body in (("PATCH", f"/api/v1/admin/users/{person}", {}), ("POST", "/api/v1/groups", {"name": "x"}), ("GET", f"/api/v1/admin/users/{person}/keys", None),
                                   ("GET", "/api/v1/admin/storage", None), ("GET", "/api/v1/admin/speed", None)):
            for client in (self.saeki, self.kansa):
                self.assertEqual(client.request(method, path, body)[0], 404, path)
        for method, path in (("GET", "/api/v1/audit/entries"), ("GET", "/api/v1/audit/export?form=csv"), ("POST", "/api/v1/audit/verify")):
            for client in (self.saeki, self.unyo):
                self.assertEqual(client.request(method, path)[0], 404, path)
        self.assertEqual(self.saeki.request("GET", "/api/v1/keys")[0], 404, "a program does not make keys")

    def test_the_record_is_read_newest_first_by_pages_and_filters(self):
        for number in range(3):
            self.assertEqual(self.unyo.request("POST", "/api/v1/groups", {"name": f"第{number}課"})[0], 201)
        self.assertEqual(self.unyo.request("POST", "/api/v1/groups", {"name": "第0課"})[0], 409)
        whole = self.kansa.get("/api/v1/audit/entries?limit=200")
        sequences = [entry["sequence"] for entry in whole["items"]]
        self.assertEqual(sequences, sorted(sequences, reverse=True))
        first = self.kansa.get("/api/v1/audit/entries?limit=2")
        second = self.kansa.get(f"/api/v1/audit/entries?limit=2&before={first['next']}")
        self.assertEqual([entry["sequence"] for entry in first["items"] + second["items"]], sequences[:4])
        mine = self.kansa.get("/api/v1/audit/entries?kind=group&actor=unyo")["items"]
        self.assertTrue(mine and all(entry["kind"].startswith("group") and entry["actor_name"] == "unyo" for entry in mine), mine[:2])
        self.assertEqual(self.kansa.get("/api/v1/audit/entries?to=1")["items"], [])
        self.assertEqual(self.kansa.request("GET", "/api/v1/audit/entries?from=x")[0], 400)

    def test_the_record_is_taken_as_a_file_and_that_is_recorded(self):
        _, text = self.kansa.request("GET", "/api/v1/audit/export?form=jsonl&kind=group")
        lines = text.encode().splitlines() if isinstance(text, str) else [json.dumps(text).encode()]
        self.assertTrue(lines)
        for line in lines:
            self.assertTrue(verify_audit.read_line(line)[0]["kind"].startswith("group"))
        status, sheet = self.kansa.request("GET", "/api/v1/audit/export?form=csv&actor=unyo")
        rows = list(csv.reader(io.StringIO(sheet.removeprefix("\ufeff"))))
        self.assertEqual((status, rows[0][:4]), (200, ["番号", "時刻", "利用者", "種別"]))
        self.assertTrue(rows[1:] and all(row[2] == "unyo" for row in rows[1:]), rows[:3])
        taken = [entry for entry in self.server.entries() if entry["kind"] == "log.exported"]
        self.assertEqual([(entry["actor"]["name"], entry["details"]["facts"]["form"]) for entry in taken], [("kansa", "jsonl"), ("kansa", "csv")])
        self.assertEqual(self.kansa.request("GET", "/api/v1/audit/export?form=docx")[0], 400)
        file = self.root / "log.csv"
        run("audit", "export", self.server.folder, "--form", "csv-cp932", "--kind", "group", "--from", "2020-01-01", "--out", file)
        sheet = file.read_bytes().decode("cp932").split("\r\n")
        self.assertIn("group.created", sheet[1])
        self.assertEqual(run("audit", "export", self.server.folder, "--to", "2020-01-01").stdout, "")
        self.assertEqual(run("audit", "export", self.server.folder, "--from", "2020-13-01", check=False).returncode, 2)

    def test_verifying_tells_the_head_and_says_that_nothing_is_broken(self):
        status, report = self.kansa.request("POST", "/api/v1/audit/verify")
        self.assertEqual((status, report["broken"]), (200, None))
        self.assertGreater(report["entries"], 5)

    def test_storage_and_speed_are_numbers(self):
        storage = self.unyo.get("/api/v1/admin/storage")
        self.assertGreater(storage["database_bytes"], 0)
        self.assertGreater(storage["audit_bytes"], 0)
        self.assertEqual(len(self.unyo.get("/api/v1/admin/speed")["hours"]), 24)


if __name__ == "__main__":
    unittest.main(verbosity=2)
