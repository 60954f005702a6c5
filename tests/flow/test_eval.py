"""An office measures the assistant with its own questions: search, answers, calibration, and going on after an interruption."""
import json
import pathlib
import unittest

from harness import OfficeCase

QUESTIONS = [
    {"question": "体育館の利用料は1時間いくらですか。", "answers": ["500円"], "relevant": ["体育館.txt"]},
    {"question": "図書館の休館日は何曜日ですか。", "answers": ["月曜"], "relevant": ["図書館.txt"]},
    {"question": "町長の趣味は何ですか。", "answers": []},
]


class Evaluation(OfficeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shelf = cls.shelf(cls.saeki, "施設", 1, ["全職員"])
        for name, text in (("体育館.txt", "体育館の利用\n体育館の利用料は、1時間につき500円とする。"), ("図書館.txt", "図書館の休館\n図書館の休館日は、毎週月曜日とする。")):
            cls.add(cls.saeki, shelf, name, text)
        cls.questions = cls.root / "questions.jsonl"
        cls.questions.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in QUESTIONS))

    def eval(self, *arguments, check=True):
        return self.server.command(self.saeki, "eval", *arguments, "--shelf", "施設", check=check)

    def test_search_counts_the_right_document(self):
        answerable = self.root / "answerable.jsonl"
        answerable.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in QUESTIONS[:2]))
        metrics = json.loads(self.eval("search", answerable, "--json").stdout)
        self.assertEqual((metrics["questions"], metrics["r1"], metrics["mrr10"]), (2, 1.0, 1.0))

    def test_answers_are_measured_and_an_interrupted_run_goes_on(self):
        details = self.root / "answers.details.jsonl"
        whole = json.loads(self.eval("answer", self.questions, "--details", details, "--json").stdout)
        self.assertEqual((whole["questions"], whole["answerable"], whole["unanswerable"], whole["failed"]), (3, 2, 1, 0))
        self.assertGreaterEqual(whole["right_cited"], 0.5)
        lines = [json.loads(line) for line in details.read_text().splitlines() if line]
        details.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines[:2]))
        before = len(self.server.entries())
        again = json.loads(self.eval("answer", self.questions, "--details", details, "--resume", "--json").stdout)
        self.assertEqual(again["questions"], 3)
        self.assertEqual(again["right_cited"], whole["right_cited"])
        answers = [entry for entry in self.server.entries()[before:] if entry["kind"] == "release.answer"]
        self.assertEqual(len(answers), 1, "only the third question is asked again")
        self.assertEqual(self.saeki.get("/api/v1/conversations")["items"], [], "nothing is left in the list")

    def test_too_few_questions_are_refused_in_words(self):
        done = self.eval("calibrate", self.questions, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("20", done.stderr + done.stdout)

    def test_a_wrong_line_is_named(self):
        wrong = pathlib.Path(self.root / "wrong.jsonl")
        wrong.write_text('{"question":"一","answers":[]}\n{"question":2}\n')
        done = self.eval("answer", wrong, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("2", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
