#!/usr/bin/env python3
"""How good and how quick the answers are, on JSQuAD, beside llama-server with the five best passages in its prompt.

usage: bench/answers.py --data DIR [--work DIR] [--questions 500] [--unanswerable 100] [--calibrate 0] [--embedding NAME] [--peer LLAMA_SERVER] [--peer-questions 40]

DIR has jsquad/valid-v1.3.json. All its paragraphs but those of the unanswerable questions stand on one shelf, a file each. The sample
is fixed (seed 1). With --calibrate N it fits the judge on N other questions of each kind first, in an office that lacks other
paragraphs, and prints the table for models/catalog.toml. Prints one JSON object at the end; what became of each question is in
WORK/*.details.jsonl. Standard library only; the programs are build/release/bin.
"""
import argparse
import http.client
import json
import pathlib
import random
import statistics
import sys
import time

import llama_server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/flow"))
from harness import Client, Server, run  # noqa: E402

SHELF = "JSQuAD"


def paragraphs(data):
    """[(file name, text, [(question, [answer])])]"""
    found = []
    for article in json.loads((data / "jsquad/valid-v1.3.json").read_text())["data"]:
        for number, paragraph in enumerate(article["paragraphs"]):
            text = paragraph["context"].replace(" [SEP] ", "\n")
            questions = [(q["question"], sorted({a["text"] for a in q["answers"]})) for q in paragraph["qas"]]
            found.append((f"{article['title']}-{number}.txt".replace("/", "／"), text, questions))
    return found


def sample(all_paragraphs, options):
    """{"test" and "calibration": (files of the shelf, records)}. No question and no paragraph taken out is in both."""
    rng = random.Random(1)
    order = list(range(len(all_paragraphs)))
    rng.shuffle(order)
    out = {"test": order[:options.unanswerable], "calibration": order[options.unanswerable:options.unanswerable + options.calibrate]}

    def silent(index):
        return {"question": rng.choice(all_paragraphs[index][2])[0], "answers": []}

    used = set(order[:options.unanswerable + options.calibrate])
    pool = [{"question": q, "answers": a, "relevant": [all_paragraphs[i][0]]} for i in order if i not in used for q, a in all_paragraphs[i][2]]
    rng.shuffle(pool)
    records = {"test": pool[:options.questions], "calibration": pool[options.questions:options.questions + options.calibrate]}
    records = {part: records[part] + [silent(i) for i in out[part]] for part in out}
    for part in records.values():
        rng.shuffle(part)  # A run that is cut off says something about both kinds.
    return {part: ([p[:2] for i, p in enumerate(all_paragraphs) if i not in set(out[part])], records[part]) for part in out}


class Office:
    """A running server whose one shelf holds the files; kept in the work folder for the next run."""

    def __init__(self, options, part, files, records):
        self.folder, self.documents = options.work / f"{part}-{len(files)}", len(files)
        self.files, self.questions = files, options.work / f"{part}.jsonl"
        options.work.mkdir(parents=True, exist_ok=True)
        self.questions.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
        self.filled = self.folder / "filled"
        self.resume = ["--resume"] if options.resume else []
        self.embedding = options.embedding

    def __enter__(self):
        self.server = Server(self.folder, model="default", embedding=self.embedding).start()
        try:
            if not self.filled.exists():
                self.server.admin("group", "add", "全職員")
                self.server.admin("user", "add", "bench", "--roles", "official,author", "--clearance", "1", "--groups", "全職員")
            key = self.server.admin("key", "create", "bench")
            self.client = Client(self.server, key)
            self.env = {"SEKISHO_URL": self.server.url, "SEKISHO_KEY": key}
            if not self.filled.exists():
                self.fill()
            self.server.wait_ready()
        except BaseException:
            self.server.stop()
            raise
        return self

    def __exit__(self, *_):
        self.server.stop()

    def fill(self):
        began = time.monotonic()
        papers = self.folder / "papers"
        papers.mkdir()
        for name, text in self.files:
            (papers / name).write_text(text)
        run("shelf", "create", SHELF, "--level", "1", "--readers", "全職員", env=self.env)
        run("shelf", "add", SHELF, *sorted(str(papers / name) for name, _ in self.files), env=self.env, timeout=1800)
        self.filled.touch()
        print(f"{self.documents} documents searchable after {time.monotonic() - began:.0f} s", file=sys.stderr)

    def evaluate(self, what, *more):
        details = self.questions.with_suffix(f".{what}.details.jsonl")
        return run("eval", what, "--shelf", SHELF, self.questions, "--details", details, *self.resume, *more, env=self.env, timeout=14400)


def peer_first_tokens(options, client, questions):
    """Milliseconds to the first token of llama-server, its five best passages in the prompt, one question after the other."""
    port = 18099
    times = []
    with llama_server.running(options.peer, port, "-c", "8192", "-np", "1"):
        for question in questions:
            _, found = client.request("POST", "/api/v1/search", {"query": question, "limit": 5})
            papers = "\n\n".join(f"[{i}] {item['text']}" for i, item in enumerate(found["items"], 1))
            body = {"messages": [{"role": "system", "content": "資料だけを根拠に、日本語で短く答え、根拠の番号を[1]のように付けてください。"},
                                 {"role": "user", "content": f"{papers}\n\n質問: {question}"}], "stream": True, "max_tokens": 8, "temperature": 0}
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
            for line in connection.getresponse():
                if line.startswith(b"data: ") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                    break
            times.append((time.monotonic() - began) * 1000)
            connection.close()
    return times


def our_first_tokens(client, questions):
    return [client.ask(question)[-1][2].get("first_token_ms", 0) for question in questions]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/bench-answers"))
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--unanswerable", type=int, default=100)
    parser.add_argument("--calibrate", type=int, default=0)
    parser.add_argument("--embedding", default="multilingual-e5-small", help="or none: by words alone")
    parser.add_argument("--peer")
    parser.add_argument("--peer-questions", type=int, default=40)
    parser.add_argument("--no-eval", action="store_true")
    parser.add_argument("--resume", action="store_true", help="go on where a run was cut off")
    options = parser.parse_args()
    parts = sample(paragraphs(options.data), options)
    result = {"questions": options.questions, "unanswerable": options.unanswerable}
    if options.calibrate:
        with Office(options, "calibration", *parts["calibration"]) as office:
            print(office.evaluate("calibrate").stdout)
    if options.no_eval and not options.peer:
        return
    with Office(options, "test", *parts["test"]) as office:
        result["documents"] = office.documents
        if not options.no_eval:
            result["eval"] = json.loads(office.evaluate("answer", "--json").stdout)
        if options.peer:
            questions = [record["question"] for record in parts["test"][1][:options.peer_questions]]
            ours, theirs = our_first_tokens(office.client, questions), peer_first_tokens(options, office.client, questions)
            result["first_token_ms"] = {"sekisho": statistics.median(ours), "llama_server": statistics.median(theirs),
                                        "ratio": statistics.median(ours) / statistics.median(theirs), "questions": len(questions)}
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
