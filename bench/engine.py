#!/usr/bin/env python3
"""Sekisho's engine beside llama-server: same llama.cpp tree, same file, same threads, asked in turns over the same OpenAI API.

usage: bench/engine.py --peer LLAMA_SERVER [--rounds 5] [--serve-option OPTION]... [--skip-busy]

LLAMA_SERVER is what tools/build_llama_server prints. Both servers stay up and take turns within a round, so that a noisy machine
is noisy for both; figures are medians over the rounds. Measured: prefill (tokens/s of a prompt of about 1,000 tokens never seen
before), decode (tokens/s behind a short prompt, and behind that long one), four users at once (tokens/s in all), and decode
beside two processes that only spin, each in a session of its own. Prints one JSON object. Standard library only.
"""
import argparse
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import llama_server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/flow"))
from harness import Server  # noqa: E402

WORDS = ("利用料", "申請書", "体育館", "町長", "議会", "予算", "保育所", "届出", "会議録", "窓口", "条例", "規則", "施設", "住民", "期間", "免除", "納付", "避難所", "図書館", "水道")
SHORT = "町の図書館の使い方を、住民に向けて、できるだけ詳しく、順を追って説明してください。"


class Api:
    """An OpenAI-compatible server on this machine."""

    def __init__(self, port, key=None, model="default"):
        self.port, self.model = port, model
        self.headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}

    def ask(self, text, max_tokens):
        """{first_s, total_s, prompt, output}: of one streamed answer."""
        body = {"model": self.model, "messages": [{"role": "user", "content": text}], "max_tokens": max_tokens, "temperature": 0, "stream": True,
                "stream_options": {"include_usage": True}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1200)
        began, first, last, usage = time.monotonic(), None, None, None
        with contextlib.closing(connection):
            connection.request("POST", "/v1/chat/completions", json.dumps(body), self.headers)
            response = connection.getresponse()
            if response.status != 200:
                raise SystemExit((response.status, response.read().decode()))
            for line in response:
                if not line.startswith(b"data: {"):
                    continue
                event = json.loads(line[6:])
                usage = event.get("usage") or usage
                if event.get("choices") and event["choices"][0]["delta"].get("content"):
                    last = time.monotonic()
                    first = first or last
        return {"first_s": first - began, "decode_s": last - first, "prompt": usage["prompt_tokens"], "output": usage["completion_tokens"]}


def long_text(seed):
    rng = random.Random(seed)
    return "".join("、".join(rng.choice(WORDS) for _ in range(6)) + f"は{rng.randrange(10_000)}。" for _ in range(55)) + "\n\n以上の語を使って、町の暮らしについて長い文章を書いてください。"


def one_round(api, seed):
    prompt = api.ask(long_text(seed), 2)
    deep = api.ask(long_text(seed + 1), 64)
    short = api.ask(f"{seed}番。{SHORT}", 128)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        four = list(pool.map(lambda user: api.ask(f"{seed}-{user}番。{SHORT}", 96), range(4)))
    return {"prefill": prompt["prompt"] / prompt["first_s"],
            "decode": (short["output"] - 1) / short["decode_s"],
            "decode_deep": (deep["output"] - 1) / deep["decode_s"],
            "four_users": sum(answer["output"] for answer in four) / (time.monotonic() - began)}


def busy_round(api, seed):
    answer = api.ask(f"{seed}番。{SHORT}", 24)
    return {"decode_busy": (answer["output"] - 1) / answer["decode_s"]}


@contextlib.contextmanager
def spinning(count):
    spinners = [subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) for _ in range(count)]
    try:
        time.sleep(1)
        yield
    finally:
        for spinner in spinners:
            spinner.kill()


def medians(rounds):
    return {name: round(statistics.median(each[name] for each in rounds), 2) for name in rounds[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve-option", action="append", default=[])
    parser.add_argument("--skip-busy", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as peers:
        server = Server(folder, model="default", extra=options.serve_option).start()
        peers.callback(server.stop)
        server.admin("user", "add", "bench", "--roles", "official", "--clearance", "1")
        apis = {"sekisho": Api(server.port, server.admin("key", "create", "bench"), "qwen2.5-coder-1.5b")}
        server.wait_ready()
        for port, name, flash in ((18091, "llama_server", "off"), (18092, "llama_server_flash", "on")):
            peers.enter_context(llama_server.running(options.peer, port, "-c", "16384", "-np", "4", "-fa", flash))
            apis[name] = Api(port)
        for api in apis.values():
            api.ask("こんにちは", 8)
        rounds = {name: [] for name in apis}
        for number in range(options.rounds):
            for name, api in apis.items():
                rounds[name].append(one_round(api, number * 10))
                print(name, rounds[name][-1], file=sys.stderr)
        result = {name: medians(each) for name, each in rounds.items()}
        if not options.skip_busy:
            with spinning(2):
                for name, api in apis.items():
                    result[name].update(medians([busy_round(api, number) for number in range(3)]))
                    print(name, result[name], file=sys.stderr)
        best = {figure: max(result[peer][figure] for peer in result if peer != "sekisho") for figure in result["sekisho"]}
        result["ratio_to_the_better_peer"] = {figure: round(value / best[figure], 2) for figure, value in result["sekisho"].items()}
        print(json.dumps(result))


if __name__ == "__main__":
    main()
