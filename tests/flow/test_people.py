"""Signing in, roles, revocation, the first administrator's link, and the command line of the operator."""
import json
import time
import unittest

from harness import Client, OfficeCase, Server, run

PASSWORD = "霧ヶ原の朝は早い。2025"


class People(OfficeCase):
    model = None

    def sign_in(self, name, password):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        connection.request("POST", "/api/v1/session", json.dumps({"name": name, "password": password}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read()), response.getheader("Set-Cookie")

    def test_the_link_makes_the_first_administrator_once(self):
        link = self.server.admin("setup-link", "--groups", "全職員")
        token = link.split("token=")[1]
        anyone = Client(self.server)
        self.assertTrue(anyone.get(f"/api/v1/setup?token={token}")["valid"])
        self.assertFalse(anyone.get("/api/v1/setup?token=wrong")["valid"])
        body = {"token": token, "name": "hasegawa", "display_name": "長谷川 操", "password": "short"}
        self.assertEqual(anyone.request("POST", "/api/v1/setup", body)[0], 400)
        status, session = anyone.request("POST", "/api/v1/setup", {**body, "password": PASSWORD})
        self.assertEqual(status, 200, session)
        self.assertEqual(session["user"]["name"], "hasegawa")
        self.assertIn("operator", session["user"]["roles"])
        self.assertEqual(anyone.request("POST", "/api/v1/setup", {**body, "password": PASSWORD})[0], 404)
        self.assertEqual(self.sign_in("hasegawa", PASSWORD)[0], 200)

    def test_with_a_link_of_an_operator_a_person_sets_a_password_once_and_no_name(self):
        self.server.admin("user", "add", "mitsui", "--roles", "operator", "--clearance", "1", "--groups", "全職員", "--password-stdin", stdin=PASSWORD + "\n")
        operator = Client(self.server, self.server.admin("key", "create", "mitsui"))
        kudo = next(user["id"] for user in operator.get("/api/v1/admin/users")["items"] if user["name"] == "kudo")
        self.assertEqual(self.saeki.request("POST", f"/api/v1/admin/users/{kudo}/link")[0], 404)
        status, made = operator.request("POST", f"/api/v1/admin/users/{kudo}/link")
        self.assertEqual(status, 201, made)
        token, anyone = made["path"].split("token=")[1], Client(self.server)
        found = anyone.get(f"/api/v1/setup?token={token}")
        self.assertEqual((found["valid"], found["first"], found["name"]), (True, False, "kudo"))
        body = {"token": token, "password": PASSWORD}
        self.assertEqual(anyone.request("POST", "/api/v1/setup", {**body, "name": "saeki2", "display_name": "佐伯"})[0], 400, "nobody takes another name")
        self.assertEqual(anyone.request("POST", "/api/v1/setup", body)[1]["user"]["name"], "kudo")
        self.assertEqual(anyone.request("POST", "/api/v1/setup", body)[0], 404)
        self.assertEqual(self.sign_in("kudo", PASSWORD)[0], 200)
        kinds = [entry["kind"] for entry in self.server.entries() if kudo in entry.get("subjects", [])]
        self.assertLess(kinds.index("account.link_made"), kinds.index("account.link_used"))

    def test_wrong_name_and_wrong_password_read_the_same(self):
        self.server.admin("user", "add", "abe", "--clearance", "1", "--groups", "全職員", "--password-stdin", stdin=PASSWORD + "\n")
        unknown, wrong = self.sign_in("nobody", PASSWORD), self.sign_in("abe", "wrong password")
        for _, body, cookie in (unknown, wrong):
            body["error"].pop("trace_id")
            self.assertIsNone(cookie)
        self.assertEqual(unknown[:2], wrong[:2])
        self.assertEqual(unknown[0], 401)
        self.assertEqual(self.sign_in("abe", PASSWORD)[0], 200)

    def test_a_new_password_of_ones_own_ends_all_other_sessions(self):
        self.server.admin("user", "add", "kido", "--clearance", "1", "--groups", "全職員", "--password-stdin", stdin=PASSWORD + "\n")
        client, new = Client(self.server), PASSWORD + " 2"
        _, session, cookie = self.sign_in("kido", PASSWORD)
        _, _, other = self.sign_in("kido", PASSWORD)
        headers = {"Cookie": cookie.split(";")[0], "X-Sekisho-CSRF": session["csrf"]}
        change = lambda **body: client.request("POST", "/api/v1/session/password", body, headers=headers)
        status, body = change(current="wrong", password=new)
        self.assertEqual((status, body["error"]["detail"]), (400, "$.current: not the present password"))
        self.assertEqual(change(current=PASSWORD, password="short")[0], 400)
        self.assertEqual(client.request("GET", "/api/v1/session", headers={"Cookie": other.split(";")[0]})[0], 200, "a refused change ends nothing")
        self.assertEqual(client.request("POST", "/api/v1/session/password", {"current": PASSWORD, "password": new}, headers={"Cookie": headers["Cookie"]})[0], 401)
        status, renewed = change(current=PASSWORD, password=new)
        self.assertEqual((status, renewed["user"]["name"]), (200, "kido"))
        for old in (cookie, other):
            self.assertEqual(client.request("GET", "/api/v1/session", headers={"Cookie": old.split(";")[0]})[0], 401)
        self.assertEqual([self.sign_in("kido", each)[0] for each in (PASSWORD, new)], [401, 200])

    def test_a_session_needs_our_pages_token(self):
        self.server.admin("user", "add", "ishii", "--roles", "official,author", "--clearance", "1", "--groups", "全職員", "--password-stdin", stdin=PASSWORD + "\n")
        _, session, cookie = self.sign_in("ishii", PASSWORD)
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        client = Client(self.server)
        headers = {"Cookie": cookie.split(";")[0]}
        shelf = {"name": "新しい書架", "level": 1, "readers": ["全職員"]}
        self.assertEqual(client.request("POST", "/api/v1/shelves", shelf, headers=headers)[0], 401)
        self.assertEqual(client.request("POST", "/api/v1/shelves", shelf, headers={**headers, "X-Sekisho-CSRF": session["csrf"]})[0], 201)

    def test_suspension_holds_from_the_next_request(self):
        self.add_person("mori", "official", "1", "全職員")
        client = Client(self.server, self.keys["mori"])
        self.assertEqual(client.request("GET", "/api/v1/session")[0], 200)
        self.server.admin("user", "suspend", "mori")
        self.assertEqual(client.request("GET", "/api/v1/session")[0], 401)

    def test_leaving_a_group_holds_from_the_next_request(self):
        self.add_person("noda", "official,author", "2", "子育て支援課")
        client = Client(self.server, self.keys["noda"])
        shelf_id = self.shelf(client, "子育て", 2, ["子育て支援課"])
        self.assertEqual(client.request("GET", f"/api/v1/shelves/{shelf_id}")[0], 200)
        self.server.admin("user", "groups", "noda", "--groups", "建設課")
        self.assertEqual(client.request("GET", f"/api/v1/shelves/{shelf_id}")[0], 404)

    def test_roles_are_held(self):
        for method, path in (("GET", "/api/v1/admin/users"), ("GET", "/api/v1/admin/health")):
            self.assertEqual(self.kudo.request(method, path)[0], 404)
            self.assertEqual(Client(self.server).request(method, path)[0], 401)

    def test_too_many_tries_are_slowed(self):
        statuses = [self.sign_in("victim", f"wrong {i}")[0] for i in range(30)]
        self.assertIn(429, statuses)

    def test_the_command_line_speaks_japanese_and_exits_rightly(self):
        wrong = run("admin", "user", "add", "--data", self.server.folder, check=False)
        self.assertEqual(wrong.returncode, 2)
        taken = run("admin", "group", "add", "全職員", "--data", self.server.folder, check=False)
        self.assertEqual(taken.returncode, 1)
        self.assertRegex(taken.stderr, "既に")
        users = json.loads(run("admin", "user", "list", "--json", "--data", self.server.folder).stdout)
        self.assertIn("saeki", [user["name"] for user in users])


class SecondServer(OfficeCase):
    model = None

    def test_one_folder_has_one_server(self):
        second = run("serve", "--data", self.server.folder, "--listen", "127.0.0.1:0", "--no-model", "--embedding", "none", check=False, timeout=30)
        self.assertEqual(second.returncode, 1)
        self.assertRegex(second.stderr, "始められません")

    def test_beyond_loopback_needs_a_certificate(self):
        import tempfile
        refused = run("serve", "--data", tempfile.mkdtemp(), "--listen", "0.0.0.0:0", "--no-model", "--embedding", "none", check=False, timeout=30)
        self.assertEqual(refused.returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
