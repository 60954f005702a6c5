"""Models from the page: what an operator fetches, verifies and chooses, what becomes of it, and what is kept of it."""
import json
import os
import pathlib
import unittest

import scripted
from harness import Client, OfficeCase, run, text_of, wait_for

os.environ["PIP_NO_INDEX"] = "1"  # As in an office without a network: nothing is fetched, at once.
SMALL = "qwen2.5-coder-0.5b"


class Models(OfficeCase):
    model = None

    @classmethod
    def setUpClass(cls):
        run("model", "add", scripted.MODEL, "--name", "daihon", "--title", "台本")
        super().setUpClass()
        cls.add_person("hasegawa", "operator", "3", "全職員")
        cls.operator = Client(cls.server, cls.keys["hasegawa"])

    def act(self, act, name):
        return self.operator.request("POST", f"/api/v1/admin/models/{act}", {"name": name})

    def desk(self):
        return self.operator.get("/api/v1/admin/models")

    def ended(self):
        return wait_for(lambda: (job := self.desk()["job"]) and job["state"] != "running" and job, 120)

    def entries(self, kind):
        return [(entry["outcome"], entry["actor"]["name"]) for entry in self.server.entries() if entry["kind"] == kind]

    def test_1_the_list_tells_what_is_here_and_none_but_operators_see_it(self):
        models = {model["name"]: model for model in self.desk()["items"]}
        self.assertTrue(models["daihon"]["installed"] and models["daihon"]["added"])
        self.assertFalse(models["daihon"]["fetchable"] or models["daihon"]["active"])
        self.assertTrue(models[SMALL]["fetchable"])
        self.assertFalse(models[SMALL]["installed"])
        for path in ("", "/fetch", "/verify", "/choose"):
            method, body = ("POST", {"name": "daihon"}) if path else ("GET", None)
            self.assertEqual(self.saeki.request(method, "/api/v1/admin/models" + path, body)[0], 404, path)

    def test_2_what_cannot_be_done_is_refused_with_its_reason(self):
        for act, name, status in (("fetch", "no-such-model", 400), ("fetch", "daihon", 415), ("verify", SMALL, 503), ("choose", SMALL, 503), ("choose", "no-such-model", 400)):
            self.assertEqual(self.act(act, name)[0], status, (act, name))
        self.assertEqual(self.entries("model.choose"), [])

    def test_3_a_fetch_without_a_network_fails_with_a_code_and_two_entries(self):
        status, desk = self.act("fetch", SMALL)
        self.assertEqual((status, desk["job"]["act"], desk["job"]["name"]), (200, "fetch", SMALL))
        job = self.ended()
        self.assertEqual((job["state"], job["error"]["code"]), ("failed", "unavailable"))
        self.assertEqual((self.entries("model.fetch"), self.entries("model.fetched")), ([("done", "hasegawa")], [("failed", "hasegawa")]))

    def test_4_a_verification_finds_the_file_whole_and_then_changed(self):
        self.assertEqual(self.act("verify", "daihon")[0], 200)
        self.assertEqual(self.ended()["state"], "done")
        file = next(pathlib.Path(os.environ["SEKISHO_CACHE"]).glob("models/*.gguf"))
        whole = file.read_bytes()
        file.chmod(0o600)
        file.write_bytes(whole[:-1] + b"\2")
        self.assertEqual(self.act("verify", "daihon")[0], 200)
        job = self.ended()
        file.write_bytes(whole)
        self.assertEqual((job["state"], job["error"]["code"]), ("failed", "corrupt"))
        self.assertEqual(self.entries("model.verified"), [("done", "hasegawa"), ("failed", "hasegawa")])

    def test_5_a_chosen_model_answers_after_the_next_start_and_an_interrupted_fetch_goes_on(self):
        status, desk = self.act("choose", "daihon")
        self.assertEqual((status, desk["chosen"]["answering"]), (200, "daihon"))
        self.assertFalse(any(model["active"] for model in desk["items"]), "it is not used before the next start")
        self.assertEqual(self.entries("model.choose"), [("done", "hasegawa")])
        self.server.stop()
        kept = self.server.folder / "models.json"
        state = json.loads(kept.read_text())
        kept.write_text(json.dumps({**state, "job": {**state["job"], "act": "fetch", "name": SMALL, "state": "running"}}))
        self.server.model = ""
        self.server.start()
        self.server.wait_ready()
        self.assertEqual([model["name"] for model in self.desk()["items"] if model["active"]], ["daihon"])
        self.assertEqual(text_of(self.saeki.ask("挨拶してください。!say おはようございます。", mode="none")), "おはようございます。")
        self.assertEqual(self.ended()["error"]["code"], "unavailable")
        self.assertEqual(len(self.entries("model.fetched")), 2)

    def test_6_where_the_command_line_names_the_model_a_choice_is_refused(self):
        self.server.stop()
        self.server.model = scripted.MODEL
        self.server.start()
        self.assertEqual(self.act("choose", "daihon")[0], 409)
        self.assertTrue(self.desk()["named"]["answering"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
