"""Starts the real programs on a folder of their own and talks to them. Standard library only.

Environment: SEKISHO_BIN, the folder of the programs. The small model must be in the cache (./test fetches it).
"""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("SEKISHO_BIN", SOURCE / "build/release/bin"))
SEKISHO = str(BIN / "sekisho")
START_S, READ_S, ANSWER_S = 60, 120, 300


def run(*arguments, stdin=None, check=True, env=None, timeout=ANSWER_S):
    done = subprocess.run([SEKISHO, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})})
    if check and done.returncode != 0:
        raise AssertionError(f"sekisho {arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def make_office(folder, questions_a_minute):
    """The data folder of an office where one account may ask so often, before a server starts on it."""
    policy, changed = re.subn(r"(turns_per_actor = \{ count = )\d+", rf"\g<1>{questions_a_minute}", (SOURCE / "policies/ministry.toml").read_text())
    assert changed == 1
    folder.mkdir(mode=0o700)
    (folder / "policy.toml").write_text(policy)


class Server:
    """One running `sekisho serve`."""

    def __init__(self, folder, model="small", extra=(), embedding="none"):
        self.folder, self.model, self.process, self.port = pathlib.Path(folder), model, None, None
        self.extra = ["--embedding", embedding, *extra]

    def start(self):
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = open(self.folder / "server.log", "ab")
        # "": what the office chose, or the catalog's default.
        which = ["--no-model"] if self.model is None else ["--model", self.model] if self.model else []
        self.process = subprocess.Popen([SEKISHO, "serve", "--data", str(self.folder), "--listen", "127.0.0.1:0", "--port-file", str(port_file), *which, *self.extra],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for(lambda: port_file.exists() and port_file.read_text().strip(), START_S, lambda: self.process.poll() is not None and self.tail())
        self.port = int(port_file.read_text())
        return self

    def command(self, client, *arguments, check=True):
        """A command of the client, with that person's key."""
        return run(*arguments, check=check, env={"SEKISHO_URL": self.url, "SEKISHO_KEY": client.key})

    def entries(self):
        """The audit log, whole lines only."""
        lines = b"".join(path.read_bytes() for path in sorted((self.folder / "audit").glob("[0-9]*.jsonl"))).splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def tail(self):
        return (self.folder / "server.log").read_text(errors="replace")[-3000:]

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)
        if self.process:
            self.log.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def admin(self, *arguments, stdin=None, check=True):
        return run("admin", *arguments, "--data", self.folder, stdin=stdin, check=check).stdout.strip()

    def wait_ready(self):
        """Until the model answers."""
        wait_for(lambda: Client(self).request("GET", "/healthz")[0] == 200, START_S)

    def workers(self):
        """Process ids of this server's model workers."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-f", "sekisho-model"], capture_output=True, text=True).stdout.split()
        return [int(pid) for pid in found]


def wait_for(condition, seconds, failed=lambda: None):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        if why := failed():
            raise AssertionError(why)
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


class Client:
    """Speaks to a server with a key."""

    def __init__(self, server, key=None):
        self.server, self.key = server, key

    def headers(self):
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    def request(self, method, path, body=None, raw=None, headers=None):
        """(status, JSON or text)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=ANSWER_S)
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        sent = {**self.headers(), **({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text.decode(errors="replace")

    def get(self, path):
        status, value = self.request("GET", path)
        assert status == 200, (status, value)
        return value

    def events(self, method, path, body=None, until=lambda event: False):
        """The server-sent events of one answer: [(number, name, data)]. Breaks off after the first that `until` holds for."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=ANSWER_S)
        connection.request(method, path, json.dumps(body).encode() if body is not None else None, {**self.headers(), "Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise AssertionError((response.status, response.read().decode()))
        found, number, name, data = [], 0, "", []
        with contextlib.closing(connection):
            for line in response:
                line = line.decode().rstrip("\n").rstrip("\r")
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data.append(line[6:])
                elif not line and data:
                    found.append((number, name, json.loads("\n".join(data))))
                    data = []
                    if until(found[-1]):
                        break
        return found

    def ask(self, question, mode="shelves", **more):
        return self.events("POST", "/api/v1/turns", {"question": question, "mode": mode, **more})

    def upload(self, shelf_id, name, content):
        return self.request("POST", f"/api/v1/shelves/{shelf_id}/documents?name={urllib.parse.quote(name)}", raw=content, headers={"Content-Type": "application/octet-stream"})

    def wait_read(self, document_id, seconds=READ_S):
        def over():
            document = self.get(f"/api/v1/documents/{document_id}")
            return document if document["state"] in ("ready", "failed") else None
        return wait_for(over, seconds)


def text_of(events):
    """The answer, from the `text` events by their offsets (UTF-16, here without astral characters)."""
    answer = ""
    for _, name, data in events:
        if name == "text":
            answer = answer[:data["at"]] + data["text"]
    return answer


def named(events, name):
    return [data for _, event, data in events if event == name]


class OfficeCase(unittest.TestCase):
    """A server of its own for each class, with two people: saeki (例規, level 2, 子育て支援課) and kudo (level 1, 建設課)."""
    model = "small"
    embedding = "none"
    extra = ()

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-flow-"))
        cls.prepare(cls.root / "data")
        cls.server = Server(cls.root / "data", cls.model, cls.extra, cls.embedding).start()
        for group in ("全職員", "子育て支援課", "建設課"):
            cls.server.admin("group", "add", group)
        cls.keys = {}
        cls.add_person("saeki", "official,author", "2", "全職員,子育て支援課")
        cls.add_person("kudo", "official,author", "1", "全職員,建設課")
        cls.saeki, cls.kudo = Client(cls.server, cls.keys["saeki"]), Client(cls.server, cls.keys["kudo"])
        if cls.model:
            cls.server.wait_ready()

    @classmethod
    def prepare(cls, folder):
        """Before the server starts on `folder`, which does not exist yet."""

    @classmethod
    def add_person(cls, name, roles, clearance, groups):
        cls.server.admin("user", "add", name, "--roles", roles, "--clearance", clearance, "--groups", groups)
        cls.keys[name] = cls.server.admin("key", "create", name)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        shutil.rmtree(cls.root, ignore_errors=True)

    @staticmethod
    def shelf(client, name, level, readers):
        status, shelf = client.request("POST", "/api/v1/shelves", {"name": name, "level": level, "readers": readers})
        assert status == 201, (status, shelf)
        return shelf["id"]

    @staticmethod
    def add(client, shelf_id, name, content):
        status, document = client.upload(shelf_id, name, content if isinstance(content, bytes) else content.encode())
        assert status == 202, (status, document)
        return client.wait_read(document["id"])


def sample(name):
    return (SOURCE / "samples/source" / name).read_text()
