"""Personal data on its way: in a question, a file, an answer and a file that leaves. The real server with a scripted model worker."""
import unittest

import scripted
from harness import SOURCE, Client, OfficeCase, named, run, text_of

NUMBER = "983205673214"


class Personal(OfficeCase):
    model = scripted.MODEL

    @classmethod
    def prepare(cls, folder):
        """The shipped rules, and two more: an answer without phones, no passport number in a question at all."""
        folder.mkdir(mode=0o700)
        rules = (SOURCE / "policies/dlp_ja.toml").read_text()
        more = ('[[rules]]\nplaces = ["回答"]\nkinds = ["電話番号"]\naction = "伏せる"\n'
                '[[rules]]\nplaces = ["質問"]\nkinds = ["旅券番号"]\naction = "止める"\n'
                '[[rules]]\nplaces = ["質問"]\nkinds = ["氏名"]\naction = "伏せる"\n'
                '[[rules]]\nplaces = ["回答"]\nkinds = ["メールアドレス"]\naction = "止める"\n'
                '[[rules]]\nplaces = ["ファイル"]\nkinds = ["旅券番号"]\naction = "止める"\n')
        (folder / "dlp.toml").write_text(more + rules)

    def facts(self, kind, subject):
        entries = [entry for entry in self.server.entries() if entry["kind"] == kind and subject in entry["subjects"]]
        return entries[-1]["outcome"], entries[-1]["details"].get("facts", {}).get("personal")

    def test_a_number_in_a_question_is_told_and_raises_the_label(self):
        events = self.kudo.ask(f"マイナンバーは{NUMBER}です。\n!say 承りました。", mode="none")
        notice = named(events, "notice")[0]
        self.assertEqual(notice, {"code": "personal_question", "kinds": "個人番号", "count": 1, "action": "warn"})  # kudo reads no higher level.
        events = self.saeki.ask(f"マイナンバーは{NUMBER}です。\n!say 承りました。", mode="none")
        self.assertEqual(named(events, "notice")[0]["raised_to"], "機密性2")
        self.assertEqual(named(events, "label")[0]["level"], 2)
        self.assertTrue(named(events, "started")[0]["title"].startswith("マイナンバーは〔個人番号〕です。"))
        turn = named(events, "started")[0]["turn_id"]
        self.assertEqual(self.facts("release.answer", turn), ("allowed", {"action": "warn", "found": {"個人番号": 1}, "place": "質問"}))
        for log in (self.root / "data/audit").glob("*.jsonl"):
            self.assertNotIn(NUMBER, log.read_text())
        again = self.saeki.events("GET", f"/api/v1/turns/{turn}/events")
        self.assertEqual(named(again, "notice")[0]["count"], 1)

    def test_a_question_that_a_rule_stops_is_neither_kept_nor_answered(self):
        before = len(self.saeki.get("/api/v1/conversations")["items"])
        status, answer = self.saeki.request("POST", "/api/v1/turns", {"question": "旅券番号はTK1234567です。", "mode": "none"})
        self.assertEqual((status, answer["error"]["code"], answer["error"]["detail"]), (400, "invalid", 'personal_data: {"旅券番号":1}'))
        self.assertEqual(len(self.saeki.get("/api/v1/conversations")["items"]), before)
        stopped = [entry for entry in self.server.entries() if entry["kind"] == "personal.stopped"][-1]
        self.assertEqual((stopped["outcome"], stopped["details"]["facts"]["found"]), ("denied", {"旅券番号": 1}))

    def test_names_are_masked_for_the_engine_and_put_back(self):
        events = self.saeki.ask("山田太郎さんへの返事を書いてください。\n!say 人物Aさん、ありがとうございます。", mode="none")
        self.assertEqual(named(events, "notice")[0]["action"], "mask")
        self.assertEqual(text_of(events), "山田太郎さん、ありがとうございます。")

    def test_an_answer_is_judged_before_it_is_shown(self):
        events = self.saeki.ask("担当は\n!say 電話は03-1234-5678です。以上", mode="none")
        self.assertEqual(text_of(events), "電話は〔電話番号〕です。以上")
        self.assertFalse([data for data in named(events, "text") if "1234" in data["text"]])
        self.assertEqual(named(events, "notice")[0], {"code": "personal_answer", "kinds": "電話番号", "count": 1, "action": "mask"})
        turn = named(events, "started")[0]["turn_id"]
        self.assertEqual(self.facts("closed.answer", turn)[1], {"action": "mask", "found": {"電話番号": 1}, "place": "回答"})

    def test_an_answer_that_a_rule_stops_ends_there(self):
        events = self.saeki.ask("宛先は\n!say 宛先はこちらです。taro@example.jp です。続きます。", mode="none")
        self.assertNotIn("example", text_of(events))
        self.assertNotIn("続き", text_of(events))
        self.assertEqual(named(events, "notice")[0]["action"], "block")
        self.assertEqual(named(events, "done")[0]["reason"], "personal")

    def test_a_file_tells_what_it_holds_and_where(self):
        status, shelf = self.saeki.request("POST", "/api/v1/shelves", {"name": "申請", "level": 1, "readers": ["全職員"]})
        self.assertEqual(status, 201, shelf)
        text = f"申請書の控え\n個人番号：{NUMBER}\n法人番号：7123456789012\n"
        document = self.saeki.upload(shelf["id"], "申請書.txt", text.encode())[1]
        read = self.saeki.wait_read(document["id"])
        self.assertEqual((read["state"], read["personal"]["found"], read["personal"]["raise_to"]), ("ready", {"個人番号": 1}, "機密性2"))
        self.assertEqual(read["personal"]["pages"][0][1:], ["個人番号", 1])
        self.assertEqual(self.facts("document.read", document["id"])[1]["found"], {"個人番号": 1})
        clean = self.saeki.upload(shelf["id"], "要綱.txt", "第1条 この要綱は、補助金について定める。".encode())[1]
        self.assertIsNone(self.saeki.wait_read(clean["id"])["personal"])
        stopped = self.saeki.upload(shelf["id"], "旅券.txt", "旅券番号：TK1234567".encode())[1]
        failed = self.saeki.wait_read(stopped["id"])
        self.assertEqual((failed["state"], failed["error"]["code"]), ("failed", "personal_data"))
        self.assertEqual(self.saeki.get(f"/api/v1/documents/{stopped['id']}/passages")["items"], [])

    def test_a_file_with_numbers_does_not_leave(self):
        started = named(self.kudo.ask(f"番号の控え\n!say 個人番号は{NUMBER}です。", mode="none"), "started")[0]
        status, answer = self.kudo.request("GET", f"/api/v1/turns/{started['turn_id']}/export?form=md")
        self.assertEqual((status, answer["error"]["detail"]), (400, 'personal_data: {"個人番号":1}'))
        self.assertEqual(self.facts("closed.export", started["turn_id"]), ("denied", {"action": "block", "found": {"個人番号": 1}, "place": "書き出し"}))
        started = named(self.kudo.ask("連絡先は\n!say 住所は東京都千代田区霞が関2-1-3です。", mode="none"), "started")[0]
        status, text = self.kudo.request("GET", f"/api/v1/turns/{started['turn_id']}/export?form=md")
        self.assertEqual(status, 200)
        self.assertIn("霞が関2-1-3", text)

    def test_a_handling_is_inherited_and_keeps_an_answer_from_leaving(self):
        status, shelf = self.kudo.request("POST", "/api/v1/shelves", {"name": "限定資料", "level": 1, "readers": ["建設課"], "handling": ["複製禁止"]})
        self.assertEqual((status, shelf["handling"]), (201, ["複製禁止"]))
        self.assertEqual(self.kudo.request("POST", "/api/v1/shelves", {"name": "別", "level": 1, "readers": ["建設課"], "handling": ["極秘"]})[0], 400)
        document = self.kudo.upload(shelf["id"], "橋の点検.txt", "中央橋の点検は、毎年十月に行う。".encode())[1]
        self.kudo.wait_read(document["id"])
        started = named(self.kudo.ask("中央橋の点検はいつですか。\n!say 毎年十月です。", shelves=[shelf["id"]]), "started")[0]
        self.assertEqual(self.kudo.request("GET", f"/api/v1/turns/{started['turn_id']}/export?form=md")[0], 404)
        refused = [entry for entry in self.server.entries() if entry["kind"] == "release.export" and started["turn_id"] in entry["subjects"]][-1]
        self.assertEqual((refused["details"]["refusal"], refused["details"]["handling"]), ("handling", ["複製禁止"]))
        self.assertIn("複製禁止", self.kudo.get("/api/v1/session")["handling"])

    def test_a_label_is_raised_by_who_keeps_it_and_lowered_by_the_operator_alone(self):
        self.add_person("chief", "official,operator", "2", "全職員,建設課")
        chief = Client(self.server, self.keys["chief"])
        shelf = self.saeki.request("POST", "/api/v1/shelves", {"name": "見直す書架", "level": 1, "readers": ["全職員"]})[1]
        path = f"/api/v1/shelves/{shelf['id']}/label"
        higher = {"level": 2, "readers": ["全職員"], "handling": ["転送禁止"], "reason": "個人番号が見つかったため"}
        self.assertEqual(self.saeki.request("POST", path, {**higher, "reason": "短い"})[0], 400)
        status, raised = self.saeki.request("POST", path, higher)
        self.assertEqual((status, raised["level"], raised["handling"]), (200, 2, ["転送禁止"]))
        self.assertEqual(self.kudo.request("POST", path, {**higher, "level": 1})[0], 404)  # Reads it no more.
        lower = {"level": 1, "readers": ["全職員"], "handling": [], "reason": "番号を除いたことを確かめたため"}
        self.assertEqual(self.saeki.request("POST", path, lower)[0], 404)
        self.assertEqual(chief.request("POST", path, {**lower, "readers": ["ない課"]})[0], 400)
        self.assertEqual(chief.request("POST", path, lower)[1]["level"], 1)
        self.assertEqual(self.kudo.request("GET", f"/api/v1/shelves/{shelf['id']}")[0], 200)
        changes = [entry for entry in self.server.entries() if entry["kind"].startswith("shelf.label_")]
        self.assertEqual([entry["kind"] for entry in changes], ["shelf.label_raised", "shelf.label_lowered"])
        self.assertEqual((changes[1]["actor"]["name"], changes[1]["details"]["facts"]["reason"]), ("chief", lower["reason"]))

    def test_a_decision_is_explained_at_the_terminal(self):
        started = named(self.kudo.ask("挨拶\n!say こんにちは。", mode="none"), "started")[0]
        entry = [entry for entry in self.server.entries() if entry["kind"] == "release.answer" and started["turn_id"] in entry["subjects"]][-1]
        data = ("--data", self.root / "data")
        words = run("explain", entry["details"]["permit"], *data).stdout
        self.assertIn("判断：許可しました", words)
        self.assertIn("職員の上限：そのとき「機密性1」", words)
        self.assertEqual(run("explain", entry["sequence"], *data).stdout, words)
        self.assertEqual(run("explain", "999999", *data, check=False).returncode, 1)

    def test_policies_are_tried_and_checked_at_the_terminal(self):
        cases = self.root / "ours.case"
        cases.write_text("例: 書き出せる\n文書: 機密性1\n行き先: 書き出し\n結果: 許可\n\n例: 外へ出る\n文書: 機密性1\n行き先: エンジン 外\n結果: 許可\n")
        done = run("policy", "test", cases, "--data", self.root / "data", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("× 外へ出る（6行目）：許可のはずが、方針では拒否（行き先）", done.stdout)
        self.assertEqual(run("policy", "test", SOURCE / "tests/cases/policy/ministry.case").returncode, 0)
        self.assertIn("例が期待どおりです", run("policy", "test", SOURCE / "tests/cases/personal/numbers.case").stdout)
        wrong = self.root / "wrong.toml"
        text = (SOURCE / "policies/ministry.toml").read_text()
        wrong.write_text(text.replace("weight = 2", "wieght = 2"))
        done = run("policy", "check", "--policy", wrong, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"wrong.toml, line {text[:text.index('weight = 2')].count(chr(10)) + 1}: levels.wieght: unknown", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
