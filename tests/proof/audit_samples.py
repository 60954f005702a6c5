"""Proof G10 in full: a million tamperings seen by `audit_proof`, ten thousand of them looked at by tools/verify_audit.py too, which
must find the same thing in the same place; ten thousand crash points.

usage: audit_samples.py AUDIT_PROOF [TAMPERINGS [SAMPLES [CRASHES]]]
"""
import json
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import verify_audit  # noqa: E402


def disagreement(folder):
    """What is wrong with one sample: text, or None."""
    case = json.loads((folder / "case.json").read_text())
    more = {"public_key": {"public_key": case["public_key"]}, "paper": {"papers": [verify_audit.from_paper(case["paper"])]},
            "witness": {"witness": folder / "witness.jsonl"}, "nothing": {}}[case["needs"]]
    try:
        found = verify_audit.verify(folder / "audit", now_ms=case["now_ms"], **more).broken
    except SystemExit:
        found = {"sequence": 0, "file": "", "line": 0}  # No log is left.
    places = [finding and [finding["sequence"], finding["file"], finding["line"]] for finding in (case["found"], found)]
    return None if found and places[0] == places[1] else f"{folder.name} {case['name']}: {case['found']} | {found}"


def compare(folder):
    """(samples, disagreements) of the tamperings in a folder."""
    samples = sorted(folder.iterdir())
    with multiprocessing.Pool(2) as pool:
        return len(samples), [text for text in pool.imap_unordered(disagreement, samples, chunksize=16) if text]


def main():
    program, tamperings, samples, crashes = (sys.argv[1:] + [1_000_000, 10_000, 10_000][len(sys.argv) - 2:])[:4]
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        done = subprocess.run([program, "--tamperings", str(tamperings), "--crashes", str(crashes), "--sample", folder, "--samples", str(samples)], check=False)
        looked, different = compare(pathlib.Path(folder))
        print(f"verify_audit.py: {looked} of them, {len(different)} seen otherwise or not at all; {time.monotonic() - start:.0f} s in all")
        print("\n".join(different[:20]))
        return 1 if done.returncode or different or not looked else 0


if __name__ == "__main__":
    sys.exit(main())
