"""Proof G7: every operation of api/openapi.yaml × every method × people of all roles, clearances, groups and states × kinds of credentials × targets of several owners
and labels, over HTTP against the real server, held against an oracle that was written from the documents (authorisation_oracle.py).

  authorisation.py [--cells N] [--seed S]     N cells drawn at random; without it, all
"""
import argparse
import collections
import hashlib
import itertools
import json
import pathlib
import random
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import scripted
from harness import SOURCE, Client, OfficeCase, Server, named

import authorisation_oracle as oracle
from authorisation_oracle import Credential, Person, Target

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
A, B = "子育て支援課", "建設課"
UNKNOWN_ID = "0" * 26
NUMBER = "983205673214"
# What changes the world where it is allowed, or takes long: such a cell is looked at only where it is refused, or rarely.
CHANGES = {"addDocument", "replaceDocument", "deleteShelf", "deleteDocument", "restoreDocument", "retryDocument", "deleteConversation", "restoreConversation", "deleteFolder", "revokeKey", "revokeUserKey"}
SLOW = {"health", "verifyAudit", "listEntries", "watchDocument"}
# Where it depends on more than who asks whether there is such a thing (a page, a deletion that can be taken back).
MAY_BE_MISSING = {"stopTurn", "getPageImage", "exportTurn", "exportConversation", "revokeUserKey"}
# A body that would do something, sent where it must not.
BODIES = {"labelShelf": {"level": 3, "readers": [A], "reason": "照合のためにする変更"}, "changeConversation": {"title": "他人の題"}, "renameFolder": {"name": "他人の題"},
          "rateTurn": {"good": True}, "createShelf": {"name": "勝手な書架", "level": 1, "readers": [A]}, "addGroup": {"name": "勝手な課"}, "makeFolder": {"name": "勝手"},
          "makeAttachments": {"level": 1}, "makeKey": {"name": "勝手な鍵"}, "ask": {"question": "勝手", "mode": "none"}, "search": {"query": "勝手"},
          "changeUser": {"suspended": True}, "createUser": {"name": "katte", "display_name": "勝手", "roles": ["operator"], "clearance": 3, "groups": [], "password": "霧ヶ原の朝は早い。"}}


TAKES_BODY = set()  # Operations, by the contract.


def operations():
    """(operationId, method, path) of the contract."""
    found, path, method, name = [], None, None, None
    for line in (SOURCE / "api/openapi.yaml").read_text().splitlines():
        if match := re.fullmatch(r"  (/\S*):", line):
            path = match[1]
        elif re.fullmatch(r"\w+:", line) and line != "paths:":
            path = None
        elif path and (match := re.match(r"    (\w+):", line)) and match[1].upper() in METHODS:
            method = match[1].upper()
        if path and method and (match := re.search(r"operationId: (\w+)", line)):
            name = match[1]
            found.append((name, method, path))
            method = None
        if path and name and "requestBody:" in line:
            TAKES_BODY.add(name)
    return found


class Wire:
    """One connection that stays open. Raw, since a hundred thousand requests are waited for."""

    def __init__(self, port):
        self.port, self.socket = port, None

    def ask(self, method, path, headers, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, f"Content-Length: {len(data)}"]
        if data:
            lines.append("Content-Type: application/json")
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=300)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.more()
        head, _, rest = answer.partition(b"\r\n\r\n")
        status, lower = int(head[9:12]), head.lower()
        length = re.search(rb"\r\ncontent-length: (\d+)", lower)
        if status == 204:
            return status, b""
        if length is None or b"\r\nconnection: close" in lower:
            self.socket.close()
            self.socket = None
            return status, rest
        while len(rest) < int(length[1]):
            rest += self.more()
        return status, rest

    def more(self):
        piece = self.socket.recv(65536)
        assert piece, "the server hung up"
        return piece


class World:
    """An office with people of every kind, their credentials, and things of every owner and label."""

    def __init__(self, server, few):
        self.server, self.wire, self.random = server, Wire(server.port), random.Random(7)
        self.database = sqlite3.connect(server.folder / "sekisho.db", timeout=60, isolation_level=None)
        self.people, self.ids, self.credentials, self.targets = {}, {}, collections.defaultdict(list), collections.defaultdict(list)
        for group in ("全職員", A, B):
            server.admin("group", "add", group)
        roles = [frozenset(some) for size in (1, 2, 3, 4) for some in itertools.combinations(("official", "author", "operator", "auditor"), size)]
        shapes = [(3, {A, B}, False), (2, {A}, False), (2, {B}, False), (1, {A}, False), (3, {A, B}, True)]
        kinds = list(itertools.product(roles, shapes))
        if few:
            kinds = [kind for kind in kinds if len(kind[0]) == 1] + kinds[-5:]
        for number, (some, (clearance, groups, suspended)) in enumerate(kinds):
            self.add(Person(f"p{number}", some, clearance, frozenset(groups), suspended))
        self.keeper = self.add(Person("keeper", frozenset({"official", "author"}), 3, frozenset({A, B})))
        self.make_papers()
        self.make_talks()
        for person in self.people.values():
            self.make_credentials(person)
        for person in self.people.values():
            if person.suspended:
                server.admin("user", "suspend", person.name)

    def add(self, person):
        self.server.admin("user", "add", person.name, "--roles", ",".join(sorted(person.roles)), "--clearance", str(person.clearance), "--groups", ",".join(sorted(person.groups)))
        self.people[person.name] = person
        (self.ids[person.name],) = self.database.execute("SELECT id FROM account WHERE name = ?", (person.name,)).fetchone()
        self.targets["users"].append((self.ids[person.name], Target("user")))
        return person

    def token(self, prefix=""):
        return prefix + "%043x" % self.random.getrandbits(172)

    def key(self, person, shelves=None, expires_ms=None):
        secret, key_id = self.token("sk-sekisho-"), self.token()[-26:]
        self.database.execute("INSERT INTO api_key VALUES (?, ?, '照合', ?, ?, ?, ?, 0)", (key_id, self.ids[person.name], hashlib.sha256(secret.encode()).hexdigest(), secret[-4:],
                              json.dumps(sorted(shelves)) if shelves is not None else None, expires_ms))
        return secret, key_id

    def session(self, person, idle_ms=0):
        token, now_ms = self.token(), int(time.time() * 1000) - idle_ms
        self.database.execute("INSERT INTO session VALUES (?, ?, ?, ?)", (hashlib.sha256(token.encode()).hexdigest(), self.ids[person.name], now_ms, now_ms))
        return token

    def csrf(self, token):
        return hashlib.sha256(b"sekisho csrf\n" + token.encode()).hexdigest()  # Told by GET /api/v1/session; a suspended person cannot ask.

    def make_credentials(self, person):
        def bearer(secret):
            return [f"Authorization: Bearer {secret}"]

        def cookie(token, csrf=None):
            return [f"Cookie: sekisho_session={token}"] + ([f"X-Sekisho-CSRF: {csrf}"] if csrf else [])

        mine, ended, other = self.session(person), self.session(person), self.session(self.keeper)
        self.database.execute("DELETE FROM session WHERE token_sha256 = ?", (hashlib.sha256(ended.encode()).hexdigest(),))
        revoked, revoked_id = self.key(person)
        self.database.execute("DELETE FROM api_key WHERE id = ?", (revoked_id,))
        day_ms = 24 * 3600 * 1000
        key = self.key(person)[0]
        first = frozenset({self.shelves["一"]})
        self.credentials[person.name] = [
            ("nothing", Credential("none"), []), ("another scheme", Credential("none"), ["Authorization: Basic c2Fla2k6c2Fla2k="]),
            ("a key of nobody", Credential("key", holds=False), bearer(self.token("sk-sekisho-"))), ("a key", Credential("key"), bearer(key)),
            ("a revoked key", Credential("key", holds=False), bearer(revoked)), ("an expired key", Credential("key", holds=False), bearer(self.key(person, expires_ms=1)[0])),
            ("a key that will expire", Credential("key"), bearer(self.key(person, expires_ms=int(time.time() * 1000) + day_ms)[0])),
            ("a key bound to a shelf", Credential("key", shelves=first), bearer(self.key(person, first)[0])),
            ("a key bound to none", Credential("key", shelves=frozenset()), bearer(self.key(person, ())[0])),
            ("a session", Credential("session"), cookie(mine, self.csrf(mine))), ("a session without our page's token", Credential("session", csrf=False), cookie(mine)),
            ("a session with another's token", Credential("session", csrf=False), cookie(mine, self.csrf(other))), ("an ended session", Credential("session", holds=False), cookie(ended, self.csrf(ended))),
            ("an idle session", Credential("session", holds=False), cookie(*(lambda token: (token, self.csrf(token)))(self.session(person, day_ms)))),
            ("a revoked key beside another's session", Credential("key", holds=False), bearer(revoked) + cookie(other, self.csrf(other))),
            ("a key beside another's session", Credential("key"), bearer(key) + cookie(other, self.csrf(other)))]

    def make_papers(self):
        self.shelves = {}
        keeper = Client(self.server, self.server.admin("key", "create", "keeper"))
        for name, level, groups, handling in (("一", 1, {A}, ()), ("二", 2, {A}, ()), ("三", 3, {A}, ()), ("B", 2, {B}, ()), ("限", 1, {A}, ("関係者限り",))):
            shelf = OfficeCase.shelf(keeper, name, level, sorted(groups))
            if handling:
                status, told = keeper.request("POST", f"/api/v1/shelves/{shelf}/label", {"level": level, "readers": sorted(groups), "handling": list(handling), "reason": "取扱制限を付ける"})
                assert status == 200, told
            self.shelves[name] = shelf
            target = Target("shelf", shelf=shelf, level=level, groups=frozenset(groups), handling=frozenset(handling))
            self.put(keeper, shelf, target)
        owner = next(person for person in self.people.values() if "official" in person.roles and not person.suspended and person.clearance == 2)
        client = Client(self.server, self.server.admin("key", "create", owner.name))
        status, made = client.request("POST", "/api/v1/attachments", {"level": 1})
        assert status == 201, made
        self.put(client, made["id"], Target("shelf", owner=owner.name, shelf=made["id"]))

    def put(self, client, shelf, target):
        document = OfficeCase.add(client, shelf, "利用料.txt", "一時預かりの利用料は、一日につき二千円です。")
        self.targets["shelves"].append((shelf, target))
        self.targets["documents"].append((document["id"], target))

    def make_talks(self):
        officials = [person for person in self.people.values() if "official" in person.roles and not person.suspended]
        fallen = self.add(Person("fallen", frozenset({"official"}), 2, frozenset({A})))
        for person in officials[:4] + [fallen]:
            client = Client(self.server, self.server.admin("key", "create", person.name))
            for level, question in ((1, "こんにちは。\n!say 承りました。"), (2, f"マイナンバーは{NUMBER}です。\n!say 承りました。")):
                if level > person.clearance:
                    continue
                started = named(client.ask(question, mode="none"), "started")[0]
                target = Target("conversation", owner=person.name, level=level)
                self.targets["conversations"].append((started["conversation_id"], target))
                self.targets["turns"].append((started["turn_id"], target))
            status, folder = client.request("POST", "/api/v1/folders", {"name": "綴り"})
            assert status == 201, folder
            self.targets["folders"].append((folder["id"], Target("folder", owner=person.name)))
            self.targets["keys"].append((self.key(person)[1], Target("key", owner=person.name)))
        # One who may no longer read what they were told.
        self.database.execute("UPDATE account SET clearance = '機密性1' WHERE id = ?", (self.ids["fallen"],))
        self.people["fallen"] = Person("fallen", fallen.roles, 1, fallen.groups)

    def paths(self, operation, path):
        """Every (path, target) of an operation: the things that there are, one that is not, and what is no id."""
        if "{id}" not in path:
            return [(path, None)]
        kind = path.split("/")[4 if path.startswith("/api/v1/admin/") else 3 if path.startswith("/api/v1/") else 2]
        if kind == "models":
            return [(path.replace("{id}", "daihon"), Target("model")), (path.replace("{id}", "なし".encode().hex()), Target("nothing"))]
        things = list(self.targets[kind])
        if len(things) > 12:
            things = things[:6]
        things += [(UNKNOWN_ID, Target("nothing")), ("x", Target("nothing"))]
        form = "?form=md" if operation in oracle.EXPORTS else "?name=x.txt" if operation in ("addDocument", "replaceDocument") else ""
        return [(path.replace("{id}", each).replace("{key}", UNKNOWN_ID).replace("{page}", "1") + form, target) for each, target in things]


def cells(world):
    """(operation or None, method, path, target, person, credential): all of them."""
    contract = operations()
    unknown = {name for name, _, _ in contract} - oracle.KNOWN
    assert not unknown, f"the oracle does not know who may do {unknown}"
    known = {(method, path) for _, method, path in contract}
    asked = [(name, method, *place) for name, method, path in contract for place in world.paths(name, path)]
    asked += [(None, method, path, None) for path in sorted({path for _, _, path in contract}) for method in METHODS if (method, path) not in known]
    for who, credentials in world.credentials.items():
        for credential in credentials:
            for name, method, path, target in asked:
                if name is None and credential[0] not in ("nothing", "a key", "a session"):
                    continue
                yield name, method, path, target, world.people[who], credential


def judge(name, status, body, expected):
    """Why the answer is not as expected; nothing if it is."""
    if status >= 500 and not (name == "healthz" and status == 503):
        return "the server's fault"
    if name is None:
        return None if status in (401, 404, 405) else "there is no such operation"
    if expected == oracle.ANY:
        return None if status != 403 else "public"
    if expected == oracle.SIGN_IN:
        return None if status == 401 else "must sign in"
    if expected == oracle.REFUSED:
        if name == "getPageImage" and status == 415:
            return None  # There is no picture of a text: the kind of a document is no word of it.
        return None if status == 404 else "must be refused"
    if status in (401, 403, 405) or (status == 404 and name not in MAY_BE_MISSING):
        return "must be reached"
    return None


def examine(world, drawn):
    """Asks every cell; returns counts and the wrong ones."""
    counts, wrong, slow = collections.Counter(), [], collections.Counter()
    for name, method, path, target, person, (what, credential, headers) in drawn:
        expected = oracle.answer(name, method == "GET", person, credential, target) if name else None
        if expected == oracle.REACHED and (name in CHANGES or (name in SLOW and slow[name] >= 8)):
            counts["left out"] += 1
            continue
        slow[name] += expected == oracle.REACHED
        if name == "signOut" and expected == oracle.REACHED:
            fresh = world.session(person)
            headers = [f"Cookie: sekisho_session={fresh}", f"X-Sekisho-CSRF: {world.csrf(fresh)}"]
        body = None
        if name in TAKES_BODY or (name is None and method in ("POST", "PUT", "PATCH")):
            body = BODIES.get(name, {}) if expected in (oracle.REFUSED, oracle.SIGN_IN) else {}
        status, said = world.wire.ask(method, path, headers, body)
        counts[expected or "no operation"] += 1
        if expected in (oracle.REFUSED, oracle.SIGN_IN):
            counts["with a body that would act"] += name in BODIES or name in CHANGES
        if why := judge(name, status, said, expected):
            wrong.append(f"{method} {path} ({name}) by {person} with {what} on {target}: {status}, {why}: {said[:200]!r}")
    return counts, wrong


def readable_lists(world):
    """GET /api/v1/shelves lists exactly what the oracle lets be read."""
    wrong, count = [], 0
    for who, credentials in world.credentials.items():
        for what, credential, headers in credentials:
            person = world.people[who]
            if oracle.answer("listShelves", True, person, credential, None) != oracle.REACHED:
                continue
            status, said = world.wire.ask("GET", "/api/v1/shelves", headers)
            shown = {shelf["id"] for shelf in json.loads(said).get("items", ())}
            wanted = {each for each, target in world.targets["shelves"] if target.owner is None and oracle.readable(person, credential, target)}
            count += 1
            if status != 200 or shown != wanted:
                wrong.append(f"the shelves of {person} with {what}: {status}, {shown} instead of {wanted}")
    return count, wrong


def prepare(folder):
    """An office where nobody is too often there."""
    folder.mkdir(mode=0o700)
    text = (SOURCE / "policies/ministry.toml").read_text()
    (folder / "policy.toml").write_text(re.sub(r"(_per_\w+ = \{ count = )\d+", r"\g<1>1000000", text))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    root = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-proof-"))
    prepare(root / "data")
    server = Server(root / "data", scripted.MODEL).start()
    try:
        server.wait_ready()
        world = World(server, few=options.cells is not None)
        drawn = list(cells(world))
        if options.cells is not None:
            drawn = random.Random(options.seed).sample(drawn, min(options.cells, len(drawn)))
        began = time.monotonic()
        counts, wrong = examine(world, drawn)
        listed, wrong_lists = readable_lists(world)
        seconds = time.monotonic() - began
        left_out = counts.pop("left out", 0)
        acting = counts.pop("with a body that would act", 0)
        total = sum(counts.values()) + listed
        for line in (wrong + wrong_lists)[:40]:
            print(line)
        print(f"G7: {total} cells ({', '.join(f'{key} {value}' for key, value in sorted(counts.items()))}, lists {listed}; {acting} refused with a body that would act; "
              f"{left_out} left out), {len(world.people)} people, {len(operations())} operations, {len(wrong + wrong_lists)} wrong, {seconds:.0f} s")
        return 1 if wrong or wrong_lists else 0
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
