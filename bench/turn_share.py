#!/usr/bin/env python3
"""The server's own share of a turn: everything but the model, with the Entry on the disk before the first word.

usage: bench/turn_share.py [--turns 300] [--work DIR]

The real server, with a worker in place of the model that answers at once (tests/fakes/scripted_model_worker.cc, built with the
tests). A turn is timed from here, from the first byte of the question to the last event of the answer, so the HTTP client's
own time is in it. Beside it: what this disk takes to append and fsync one Entry. WORK should be on the disk of the data folder.
Also: start to ready without a model, and its resident memory. Prints one JSON object. Standard library only.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/flow"))
import scripted  # noqa: E402  (before harness: it chooses the programs)
import harness  # noqa: E402


def percentiles(seconds):
    ordered = sorted(seconds)
    return {"median_ms": round(statistics.median(ordered) * 1000, 2), "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 2)}


def fsync_alone(folder, count):
    times = []
    with open(folder / "fsync", "ab", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(b"x" * 700)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return percentiles(times)


def start_alone(folder):
    times, resident = [], 0
    for number in range(5):
        began = time.perf_counter()
        server = harness.Server(folder / f"empty-{number}", model=None).start()
        harness.Client(server).request("GET", "/healthz")
        times.append(time.perf_counter() - began)
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        resident = max(resident, int(status.split("VmRSS:")[1].split()[0]))
        server.stop()
    return {**percentiles(times), "resident_mb": round(resident / 1024, 1)}


def turns(folder, count):
    office = folder / "office"
    harness.make_office(office, questions_a_minute=100_000)
    server = harness.Server(office, model=scripted.MODEL).start()
    try:
        server.admin("group", "add", "全職員")
        server.admin("user", "add", "bench", "--roles", "official,author", "--clearance", "1", "--groups", "全職員")
        client = harness.Client(server, server.admin("key", "create", "bench"))
        status, shelf = client.request("POST", "/api/v1/shelves", {"name": "例規", "level": 1, "readers": ["全職員"]})
        assert status == 201, shelf
        for number in range(200):
            text = f"第{number}号要綱\n施設{number}の利用料は、1時間につき{number * 10}円とする。申請は利用の{number}日前までに行う。"
            status, document = client.upload(shelf["id"], f"要綱{number}.txt", text.encode())
            assert status == 202, document
        client.wait_read(document["id"])
        server.wait_ready()
        times = []
        for number in range(count):
            question = f"施設{number % 200}の利用料はいくらですか。!say 1時間につき{number % 200 * 10}円です。"
            began = time.perf_counter()
            events = client.ask(question)
            times.append(time.perf_counter() - began)
            assert events[-1][1] == "done", events[-1]
        return percentiles(times)
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--work", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        folder = pathlib.Path(work)
        result = {"start": start_alone(folder), "turn": turns(folder, options.turns), "fsync": fsync_alone(folder, options.turns)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
