#!/usr/bin/env python3
"""Makes mutants of the trusted core and counts those that its unit tests kill.

usage: mutants.py BUILD [--count N] [--seed N] [--goal PERCENT] [--list] [--twins] [FILE…]

Each mutant is one source (of src/gate where no FILE is named) with one operator, constant or condition changed. It is compiled as BUILD compiles that file,
linked in the place of the original into copies of gate_test and, for the search for personal data, of dlp_proof, and run.
A file of another room is judged by that room's tests; with --twins every file by the twin worlds (proof G1) too. A mutant that compiles and passes every test has survived:
it is printed. Nothing in the tree is touched. Exit status 1 below the goal, 95 % unless another is given.
"""
import json
import pathlib
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
RUN_S = 60

# What is changed to what. Only code is mutated: comments, texts and includes are left out before a place is chosen.
CHANGES = (
    (r"==", "!="), (r"!=", "=="), (r"<=", "<"), (r">=", ">"), (r"(?<![<>\-=])<(?![<=])(?= \w)", "<="), (r"(?<![\->=])>(?![>=])(?= \w)", ">="),
    (r"&&", "||"), (r"\|\|", "&&"), (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\bany_of\b", "all_of"), (r"\ball_of\b", "any_of"),
    (r"(?<=[ (])!(?=[\w(])", ""), (r" \+ ", " - "), (r" - (?=\w)", " + "), (r"\bstd::max\b", "std::min"), (r"\bstd::min\b", "std::max"),
    (r"\breturn fail\(", "if (false) return fail("), (r"\bcontinue;", "break;"), (r"(?<=[ (])1(?=[;,) ])", "2"), (r"(?<=[ (])0(?=[;,) ])", "1"),
)


def code_places(text):
    """(begin, end, replacement) of every change of the text's code."""
    masked = re.sub(r'//[^\n]*|R"\(.*?\)"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|^#[^\n]*', lambda m: " " * len(m.group()), text, flags=re.M | re.S)
    masked = re.sub(r"\btemplate <[^\n]*|\bstatic_cast<[^>]*>|operator[=!<>]+|constexpr std::array k\w+ = \{.*?\};", lambda m: " " * len(m.group()), masked, flags=re.S)
    for pattern, replacement in CHANGES:
        for match in re.finditer(pattern, masked):
            yield match.start(), match.end(), replacement


def compile_command(build, file):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]) == file and f"sekisho_{file.parent.name}.dir" in entry["command"]:
            words = shlex.split(entry["command"])
            return words[1:] if pathlib.Path(words[0]).name == "ccache" else words
    sys.exit(f"mutants: {build} does not compile {file}")


def link_command(build, program):
    out = subprocess.run(["ninja", "-C", str(build), "-t", "commands", program], capture_output=True, text=True, check=True).stdout
    line = [line for line in out.splitlines() if f" -o bin/{program}" in line][-1]
    return re.sub(r"^: && ", "", line).removesuffix(" && :")


class Mutants:
    def __init__(self, build, folder, rooms, twins):
        self.build, self.folder = build, folder
        self.runs = [(link_command(build, f"{room}_test"), f"{room}_test", ["--gtest_brief=1"], lambda file, room=room: file.parent.name == room) for room in rooms]
        if "gate" in rooms:
            self.runs.append((link_command(build, "dlp_proof"), "dlp_proof", ["--cases", "3000", "--exact", "1"], lambda file: file.name.startswith("dlp")))
        if twins:
            self.runs.append((link_command(build, "twin_worlds"), "twin_worlds", ["--worlds", "2", "--rounds", "4", "--actions", "400", "--shorten", "0", "--cases", str(SOURCE / "tests/proof/twin_worlds.case")],
                              lambda file: True))

    def killed(self, file, text):
        """None: does not compile. Otherwise whether a test fails."""
        mutant, output = self.folder / file.name, self.folder / "mutant.o"
        mutant.write_text(text)
        command = compile_command(self.build, file)
        command[command.index("-o") + 1] = str(output)
        command[command.index("-c") + 1] = str(mutant)
        for flag in ("-MD", "-MT", "-MF"):
            if flag in command:
                at = command.index(flag)
                del command[at:at + (1 if flag == "-MD" else 2)]
        command = [word if word != "-O3" else "-O1" for word in command] + ["-w"]
        if subprocess.run(command, cwd=self.build, capture_output=True).returncode != 0:
            return None
        for link, name, arguments, of in self.runs:
            if not of(file):
                continue
            # The mutant stands before the library: the linker takes its functions and never opens the original's object.
            # The mutant of twin_worlds stands where its workers are looked for: beside the program.
            program = self.build / "bin" / f"{name}_mutant" if name == "twin_worlds" else self.folder / name
            if subprocess.run(["bash", "-c", link.replace(f"-o bin/{name}", f"-o {program} {output}", 1)], cwd=self.build, capture_output=True).returncode != 0:
                return None
            try:
                if subprocess.run([program, *arguments], capture_output=True, timeout=RUN_S).returncode != 0:
                    return True
            except subprocess.TimeoutExpired:
                return True
        return False


def main():
    arguments = sys.argv[1:]
    options = {"--count": 120, "--seed": 1, "--goal": 95}
    for name in options:
        if name in arguments:
            at = arguments.index(name)
            options[name] = int(arguments[at + 1])
            del arguments[at:at + 2]
    listing, twins = "--list" in arguments, "--twins" in arguments
    arguments = [argument for argument in arguments if argument not in ("--list", "--twins")]
    if not arguments:
        sys.exit(__doc__)
    build = pathlib.Path(arguments[0]).resolve()
    files = [pathlib.Path(name).resolve() for name in arguments[1:]] or sorted(f for f in (SOURCE / "src/gate").glob("*.cc") if not f.stem.endswith("_test"))
    places = [(file, *place) for file in files for place in code_places(file.read_text())]
    random.Random(options["--seed"]).shuffle(places)
    if listing:
        print(f"{len(places)} places in {len(files)} files")
        return
    score, survived, useless = 0, [], 0
    with tempfile.TemporaryDirectory(prefix="sekisho-mutants-") as folder:
        mutants = Mutants(build, pathlib.Path(folder), sorted({file.parent.name for file in files}), twins)
        if mutants.killed(files[0], files[0].read_text()) is not False:
            sys.exit("mutants: the tests fail without a mutant")
        for file, begin, end, replacement in places:
            if score + len(survived) >= options["--count"]:
                break
            text = file.read_text()
            killed = mutants.killed(file, text[:begin] + replacement + text[end:])
            if killed is None:
                useless += 1
            elif killed:
                score += 1
            else:
                line = text.count("\n", 0, begin) + 1
                survived.append(f"{file.name}:{line}: {text[begin:end].strip()} -> {replacement.strip() or 'nothing'}: {text.splitlines()[line - 1].strip()}")
                print("survived:", survived[-1], flush=True)
    tried = score + len(survived)
    print(f"G11: seed {options['--seed']}, {tried} mutants of {len(files)} files, {score} killed ({100 * score / max(1, tried):.1f} %), {useless} that do not compile left out")
    sys.exit(0 if tried and 100 * score / tried >= options["--goal"] else 1)


if __name__ == "__main__":
    main()
