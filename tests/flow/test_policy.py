"""A policy that is read again while the server runs, and what becomes of answers under way. The real server with a scripted model worker."""
import os
import signal
import threading
import unittest

import scripted
from harness import OfficeCase, named, run, wait_for

NUMBER = "983205673214"


class Policy(OfficeCase):
    model = scripted.MODEL

    def setUp(self):
        self.file = self.root / "data/policy.toml"
        self.text = self.file.read_text()
        self.addCleanup(self.put, self.text)

    def put(self, text):
        """Writes the policy and has it read again."""
        self.file.write_text(text)
        return run("admin", "policy", "reload", "--data", self.server.folder, check=False)

    def changed(self, old, new):
        self.assertIn(old, self.text)
        return self.text.replace(old, new)

    def reloads(self):
        return [entry for entry in self.server.entries() if entry["kind"] == "policy.reloaded"]

    def test_a_mistake_is_refused_with_file_line_and_reason_and_nothing_changes(self):
        for old, new, why in (("idle_minutes = 30", "idle_minuts = 30", "session.idle_minuts: unknown"),
                              ('"share" = "機密性2"', '"share" = "機密性9"', "destinations.share: no such level"),
                              ('name = "府省庁"', 'groups = ["消えた課"]\nname = "府省庁"', "groups: unknown"),
                              ("[rates]", "[rates", ""),
                              ('"機密性3"', '"極秘"', '"機密性3" is missing or elsewhere')):
            line = self.text[:self.text.index(old)].count("\n") + 1
            why = why if "missing" in why else f"policy.toml, line {line}: {why}"
            refused = self.put(self.changed(old, new))
            self.assertEqual(refused.returncode, 1, new)
            self.assertIn(why, refused.stderr)
            self.assertIn("前の方針のままです", refused.stderr)
            entry = self.reloads()[-1]
            self.assertEqual((entry["outcome"], entry["actor"]["id"]), ("failed", ""))
            self.assertIn(why, entry["details"]["facts"]["why"])
            self.assertEqual([level["name"] for level in self.saeki.get("/api/v1/session")["levels"]], ["機密性1", "機密性2", "機密性3"])
        self.file.write_text(self.text)
        rules = self.root / "data/dlp.toml"
        kept = rules.read_text()
        self.addCleanup(rules.write_text, kept)
        rules.write_text(kept + '\n[[rules]]\nplaces = ["質門"]\nkinds = ["すべて"]\naction = "止める"\n')
        refused = run("admin", "policy", "reload", "--data", self.server.folder, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, r'dlp\.toml, line \d+: rules\.places: "質門"')

    def test_a_good_one_holds_from_the_next_request_on(self):
        shelf = self.shelf(self.saeki, "子育て", 2, ["子育て支援課"])
        document = self.add(self.saeki, shelf, "預かり.txt", "一時預かりの利用料は、一日につき二千円です。")
        look = f"/api/v1/documents/{document['id']}/passages"
        self.assertEqual(self.saeki.request("GET", look)[0], 200)
        done = self.put(self.changed('"screen" = "機密性3"', '"screen" = "機密性1"'))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("府省庁", done.stdout)
        self.assertEqual(self.saeki.request("GET", look)[0], 404)
        entry = self.reloads()[-1]
        self.assertEqual((entry["outcome"], entry["details"]["facts"]["name"]), ("done", "府省庁"))
        self.assertRegex(entry["details"]["facts"]["sha256"], "^[0-9a-f]{64}$")
        self.put(self.text)
        self.assertEqual(self.saeki.request("GET", look)[0], 200)

    def test_rates_and_rules_about_people_follow_too(self):
        rules = self.root / "data/dlp.toml"
        kept = rules.read_text()
        self.addCleanup(rules.write_text, kept)
        rules.write_text('[[rules]]\nplaces = ["質問"]\nkinds = ["個人番号"]\naction = "止める"\n' + kept)
        self.put(self.changed("turns_per_actor = { count = 60", "turns_per_actor = { count = 1"))
        status, stopped = self.kudo.request("POST", "/api/v1/turns", {"question": f"マイナンバーは{NUMBER}です。", "mode": "none"})
        self.assertEqual((status, stopped["error"]["detail"]), (400, 'personal_data: {"個人番号":1}'))
        self.assertEqual(self.kudo.request("POST", "/api/v1/turns", {"question": "次", "mode": "none"})[0], 429)

    def test_a_hang_up_signal_reloads_and_the_server_goes_on(self):
        before = len(self.reloads())
        os.kill(self.server.process.pid, signal.SIGHUP)
        wait_for(lambda: len(self.reloads()) > before, 60)
        self.assertEqual(self.saeki.request("GET", "/api/v1/session")[0], 200)

    def test_the_witness_of_the_log_is_a_setting(self):
        witness = self.root / "elsewhere.jsonl"
        self.put(self.changed('name = "府省庁"', f'name = "府省庁"\naudit_witness = "{witness}"'))
        run("audit", "checkpoint", "--data", self.server.folder)
        self.assertEqual(witness.read_bytes(), (self.root / "data/audit/checkpoints.jsonl").read_bytes())

    def test_an_answer_under_way_ends_for_whom_the_new_policy_refuses(self):
        self.under_way(self.saeki, lambda: self.put(self.changed('"screen" = "機密性3"', '"screen" = "機密性1"')), [("failed", "denied")])

    def test_an_answer_under_way_ends_for_whom_was_revoked(self):
        for name, revoke in (("mori", ("user", "suspend", "mori")), ("noda", ("key", "revoke", "noda", "--all"))):
            self.add_person(name, "official", "2", "全職員")
            client = type(self.saeki)(self.server, self.keys[name])
            self.under_way(client, lambda: self.server.admin(*revoke), [("failed", "denied")])

    def test_an_answer_under_way_goes_on_for_others(self):
        self.under_way(self.saeki, lambda: self.put(self.text + "# ただの覚え書き\n"), [("failed", "unavailable")])

    def under_way(self, client, change, end):
        """Asks what says half of its answer and waits; makes the change; has the model say something again by its death."""
        def happen(event):
            if event[1] == "text" and not changed.is_set():
                changed.set()
                change()
                for pid in self.server.workers():
                    os.kill(pid, signal.SIGKILL)
            return False
        changed = threading.Event()
        events = client.events("POST", "/api/v1/turns", {"question": f"マイナンバーは{NUMBER}です。\n!begin 承りました。", "mode": "none"}, until=happen)
        self.assertEqual(named(events, "label")[0]["level"], 2)
        shown = [number for number, (_, name, _) in enumerate(events) if name == "text"]
        self.assertTrue(changed.is_set() and shown)
        self.assertEqual([(name, data.get("code")) for _, name, data in events if name in ("failed", "done")], end)
        self.server.wait_ready()


if __name__ == "__main__":
    unittest.main()
