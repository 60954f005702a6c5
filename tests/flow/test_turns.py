"""A question through the real server, the real small model and both sealed workers."""
import time
import unittest

from harness import Client, OfficeCase, named, run, sample, text_of

FEES = "一時預かりの利用料は1日いくらですか。"


class Turns(OfficeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        cls.care = cls.shelf(cls.saeki, "子育て支援", 2, ["子育て支援課"])
        for name in ("一時預かり事業実施要綱.txt", "職員の旅費に関する規則.txt"):
            assert cls.add(cls.saeki, cls.rules, name, sample(name))["state"] == "ready"
        assert cls.add(cls.saeki, cls.care, "議事録.txt", sample("第4回子育て支援会議議事録.txt"))["state"] == "ready"

    def test_answers_with_its_source(self):
        events = self.saeki.ask(FEES)
        names = [name for _, name, _ in events]
        self.assertEqual(names[0], "started")
        self.assertEqual(names[-1], "done", events[-1])
        self.assertLess(names.index("sources"), names.index("text"), "sources come before the first token")
        sources = named(events, "sources")[0]["items"]
        self.assertEqual(sources[0]["document_name"], "一時預かり事業実施要綱.txt")
        self.assertIn("第7条", sources[0]["path"])
        numbers = [number for number, _, _ in events]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        answer = text_of(events)
        self.assertTrue(answer)
        claims = named(events, "claim")
        self.assertTrue(claims)
        for claim in claims:
            self.assertIn(claim["check"], ("ok", "needed", "none"))
            self.assertLess(claim["start"], claim["end"])
            self.assertLessEqual(claim["end"], len(answer))

    def test_keeps_the_turn_and_says_the_same_again(self):
        events = self.saeki.ask(FEES)
        started = events[0][2]
        conversation = self.saeki.get(f"/api/v1/conversations/{started['conversation_id']}")
        self.assertEqual(conversation["turns"][0]["answer"], text_of(events))
        self.assertEqual(conversation["turns"][0]["state"], "done")
        again = self.saeki.events("GET", f"/api/v1/turns/{started['turn_id']}/events?after=0")
        self.assertEqual(text_of(again), text_of(events))
        rest = self.saeki.events("GET", f"/api/v1/turns/{started['turn_id']}/events?after={events[-2][0]}")
        self.assertEqual([name for _, name, _ in rest], ["done"])

    def test_a_lost_connection_loses_nothing(self):
        seen = self.saeki.events("POST", "/api/v1/turns", {"question": "一時預かりについて要約してください。", "mode": "shelves"}, until=lambda event: event[1] == "text")
        rest = self.saeki.events("GET", f"/api/v1/turns/{seen[0][2]['turn_id']}/events?after={seen[-1][0]}")
        self.assertEqual(rest[-1][1], "done", rest[-1])
        self.assertEqual(rest[0][0], seen[-1][0] + 1)
        kept = self.saeki.get(f"/api/v1/conversations/{seen[0][2]['conversation_id']}")["turns"][0]["answer"]
        self.assertEqual(text_of(seen + rest), kept)

    def test_stops_and_keeps_what_is_there(self):
        seen = self.saeki.events("POST", "/api/v1/turns", {"question": "役場の歴史について、長い物語を書いてください。", "mode": "none"}, until=lambda event: event[1] == "text")
        status, _ = self.saeki.request("POST", f"/api/v1/turns/{seen[0][2]['turn_id']}/stop")
        self.assertEqual(status, 204)
        rest = self.saeki.events("GET", f"/api/v1/turns/{seen[0][2]['turn_id']}/events?after={seen[-1][0]}")
        self.assertEqual(rest[-1][2]["reason"], "cancelled")
        turn = self.saeki.get(f"/api/v1/conversations/{seen[0][2]['conversation_id']}")["turns"][0]
        self.assertEqual(turn["state"], "stopped")
        self.assertTrue(turn["answer"])

    def test_a_question_in_other_words_stands_beside_the_first(self):
        first = self.saeki.ask("今日は何をしますか。", mode="none")[0][2]
        place = {"conversation_id": first["conversation_id"]}
        edited = self.saeki.ask("明日は何をしますか。", mode="none", edit_of=first["turn_id"], **place)[0][2]
        after_first = self.saeki.ask("続けてください。", mode="none", follows=first["turn_id"], **place)[0][2]
        again = self.saeki.ask("続けてください。", mode="none", regenerate_of=after_first["turn_id"], **place)[0][2]
        last = self.saeki.ask("ありがとう。", mode="none", **place)[0][2]
        turns = {turn["id"]: turn for turn in self.saeki.get(f"/api/v1/conversations/{first['conversation_id']}")["turns"]}
        parents = [turns[one["turn_id"]]["parent_id"] for one in (first, edited, after_first, again, last)]
        self.assertEqual(parents, [None, None, first["turn_id"], first["turn_id"], again["turn_id"]])
        self.assertEqual(turns[edited["turn_id"]]["question"], "明日は何をしますか。")

    def test_the_place_of_a_turn_is_one_of_its_own_conversation(self):
        first = self.saeki.ask("今日は何をしますか。", mode="none")[0][2]
        other = self.saeki.ask("明日は何をしますか。", mode="none")[0][2]
        body = {"question": "x", "mode": "none", "conversation_id": first["conversation_id"]}
        self.assertEqual(self.saeki.request("POST", "/api/v1/turns", {**body, "follows": other["turn_id"]})[0], 404)
        self.assertEqual(self.saeki.request("POST", "/api/v1/turns", {**body, "edit_of": first["turn_id"], "follows": first["turn_id"]})[0], 400)
        self.assertEqual(self.saeki.request("POST", "/api/v1/turns", {"question": "x", "mode": "none", "edit_of": first["turn_id"]})[0], 400)
        self.assertEqual(self.saeki.request("POST", "/api/v1/turns", {**body, "continue_of": first["turn_id"]})[0], 400, "another question")

    def test_a_stopped_answer_goes_on_where_it_stopped(self):
        for question, mode in (("霧ヶ原町の町役場の歴史について、長い物語を書いてください。", "none"), (FEES, "shelves")):
            seen = self.saeki.events("POST", "/api/v1/turns", {"question": question, "mode": mode}, until=lambda event: event[1] == "text")
            started = seen[0][2]
            self.saeki.request("POST", f"/api/v1/turns/{started['turn_id']}/stop")
            self.saeki.events("GET", f"/api/v1/turns/{started['turn_id']}/events?after=0")
            stopped = self.saeki.get(f"/api/v1/conversations/{started['conversation_id']}")["turns"][0]
            events = self.saeki.ask(question, mode="none", conversation_id=started["conversation_id"], continue_of=started["turn_id"])
            self.assertEqual(events[-1][1], "done", events[-1])
            self.assertTrue(text_of(events).startswith(stopped["answer"]))
            turns = self.saeki.get(f"/api/v1/conversations/{started['conversation_id']}")["turns"]
            self.assertEqual([turn["mode"] for turn in turns], [mode, mode], "the mode of the answer that goes on")
            self.assertEqual(turns[1]["parent_id"], None)

    def test_what_was_not_found_is_kept_as_it_was_said(self):
        events = self.saeki.ask("町営バスの運転手の夏季休暇は、何日取れますか。", shelves=[self.care])
        said = named(events, "not_found")
        turn = self.saeki.get(f"/api/v1/conversations/{events[0][2]['conversation_id']}")["turns"][0]
        self.assertEqual([turn["not_found"]], said or [None])
        self.assertEqual(turn["because_source"], named(events, "label")[0]["because_source"])

    def test_a_rating_is_kept_and_the_operator_reads_it_without_the_words(self):
        events = self.saeki.ask(FEES)
        turn = events[0][2]["turn_id"]
        path = f"/api/v1/turns/{turn}/rating"
        self.assertEqual(self.saeki.request("PUT", path, {"good": False, "reasons": ["incomplete", "wrong"], "note": "半日の額がない"})[0], 204)
        self.assertEqual(self.saeki.request("PUT", path, {"good": False, "reasons": ["boring"]})[0], 400)
        self.assertEqual(self.saeki.request("PUT", path, {})[0], 400)
        self.assertEqual(self.kudo.request("PUT", path, {"good": True})[0], 404)
        kept = self.saeki.get(f"/api/v1/conversations/{events[0][2]['conversation_id']}")["turns"][0]["rating"]
        self.assertEqual(kept, {"good": False, "reasons": ["incomplete", "wrong"], "note": "半日の額がない"})
        self.add_person("unyo", "operator", "2", "全職員,子育て支援課")
        unyo = Client(self.server, self.keys["unyo"])
        mine = [item for item in unyo.get("/api/v1/admin/ratings")["items"] if item["turn_id"] == turn]
        self.assertEqual(mine[0]["reasons"], ["incomplete", "wrong"])
        self.assertNotIn("一時預かり", str(mine))
        self.assertEqual(self.saeki.request("GET", "/api/v1/admin/ratings")[0], 404)
        self.assertEqual(self.saeki.request("DELETE", path)[0], 204)
        self.assertEqual([item for item in unyo.get("/api/v1/admin/ratings")["items"] if item["turn_id"] == turn], [])

    def test_a_rating_above_the_operators_clearance_is_not_shown(self):
        events = self.saeki.ask("病児保育の試行の定員は何人ですか。")
        turn = events[0][2]["turn_id"]
        self.assertEqual(self.saeki.request("PUT", f"/api/v1/turns/{turn}/rating", {"good": True})[0], 204)
        self.add_person("unyo2", "operator", "1", "全職員")
        shown = Client(self.server, self.keys["unyo2"]).get("/api/v1/admin/ratings")["items"]
        self.assertNotIn(turn, [item["turn_id"] for item in shown])

    def test_what_one_may_not_read_changes_nothing(self):
        """kudo may not read 子育て支援: no source, no count, no rank of it."""
        question = "病児保育の試行の定員は何人ですか。"
        events = self.kudo.ask(question)
        for source in named(events, "sources")[0]["items"]:
            self.assertEqual(source["shelf_name"], "例規集")
        status, found = self.kudo.request("POST", "/api/v1/search", {"query": question})
        self.assertEqual(status, 200)
        self.assertEqual(found["shelves"], ["例規集"])
        _, shelf = self.kudo.request("GET", f"/api/v1/shelves/{self.care}")
        _, missing = self.kudo.request("GET", "/api/v1/shelves/" + "0" * 26)
        for error in (shelf["error"], missing["error"]):
            error.pop("trace_id")
        self.assertEqual(shelf, missing, "not there and not allowed read the same")

    def test_the_label_of_the_answer_is_that_of_its_sources(self):
        events = self.saeki.ask("病児保育の試行の定員は何人ですか。")
        self.assertEqual(named(events, "label")[0]["level"], 2)
        self.assertEqual(events[-1][2]["level"], 2)

    def test_a_conversation_is_its_owners_alone(self):
        started = self.saeki.ask(FEES)[0][2]
        for path in (f"/api/v1/conversations/{started['conversation_id']}", f"/api/v1/turns/{started['turn_id']}/events"):
            self.assertEqual(self.kudo.request("GET", path)[0], 404)

    def test_an_empty_office_says_so(self):
        self.server.admin("group", "add", "図書館")
        self.add_person("ono", "official", "1", "図書館")
        events = Client(self.server, self.keys["ono"]).ask("開館時間は何時ですか。")
        self.assertIn("資料には見当たりません。", text_of(events))
        self.assertTrue(named(events, "not_found"))

    def test_several_at_once_all_end(self):
        import concurrent.futures
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            results = list(pool.map(lambda client: client.ask(FEES), [self.saeki, self.kudo] * 3))
        for events in results:
            self.assertEqual(events[-1][1], "done", events[-1])
        self.assertEqual(len({text_of(events) for events in results if named(events, "sources")[0]["items"][0]["shelf_name"] == "例規集"}), 1,
                         "exact mode: the same answer whoever else asks")

    def test_a_killed_worker_ends_its_turn_and_the_next_goes_on(self):
        import os
        import signal
        seen = self.saeki.events("POST", "/api/v1/turns", {"question": "霧ヶ原町の物語を長く書いてください。", "mode": "none"}, until=lambda event: event[1] == "text")
        for pid in self.server.workers():
            os.kill(pid, signal.SIGKILL)
        rest = self.saeki.events("GET", f"/api/v1/turns/{seen[0][2]['turn_id']}/events?after={seen[-1][0]}")
        self.assertEqual(rest[-1][1], "failed", rest[-1])
        self.assertEqual(rest[-1][2]["code"], "unavailable")
        turn = self.saeki.get(f"/api/v1/conversations/{seen[0][2]['conversation_id']}")["turns"][0]
        self.assertTrue(turn["answer"], "what was there is kept")
        self.assertEqual(self.saeki.ask(FEES)[-1][1], "done")

    def test_every_answer_has_its_entries(self):
        before = self.entries()
        self.saeki.ask(FEES)
        self.assertGreaterEqual(self.entries() - before, 2, "one before it, one at its end")

    def entries(self):
        import json
        return json.loads(run("audit", "verify", self.server.folder, "--json").stdout)["entries"]

    def test_wrong_requests_are_named(self):
        for body, words in (({"question": "", "mode": "shelves"}, "question"), ({"question": "x", "mode": "magic"}, "mode"),
                            ({"question": "x", "mode": "none", "admin": True}, "admin"), ({"question": 5, "mode": "none"}, "question"),
                            ({"question": "あ" * 8001, "mode": "none"}, "8000")):
            status, error = self.saeki.request("POST", "/api/v1/turns", body)
            self.assertIn(status, (400, 413), error)
            self.assertIn(words, error["error"]["detail"])
        self.assertEqual(self.saeki.request("POST", "/api/v1/turns", raw=b"[" * 100000)[0], 413)
        for raw in (b"[" * 10000, b'{"question":"a","question":"b","mode":"none"}', b"\xff\xfe", b""):
            self.assertEqual(self.saeki.request("POST", "/api/v1/turns", raw=raw)[0], 400)
        self.assertEqual(Client(self.server, "sk-sekisho-wrong").request("POST", "/api/v1/turns", {"question": "x", "mode": "none"})[0], 401)

    def test_what_does_not_fit_is_said_with_numbers(self):
        events = self.saeki.ask("次の文を要約してください。" + "予算の執行について検討した。" * 500, mode="none")
        self.assertEqual(events[-1][1], "failed", events[-1])
        self.assertEqual(events[-1][2]["code"], "too_large")
        self.assertRegex(events[-1][2]["detail"], r"\d{4}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
