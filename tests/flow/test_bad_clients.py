"""Slow, half-closed and very many clients, and bodies that are not what they should be: the server answers everyone else."""
import http.client
import json
import resource
import socket
import threading
import unittest

from harness import Client, OfficeCase, make_office, sample

FEES = "一時預かりの利用料は1日いくらですか。"
MANY = 2000
HTTP_ERRORS = range(400, 500)


class BadClients(OfficeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.shelf(cls.saeki, "例規集", 1, ["全職員"])
        assert cls.add(cls.saeki, cls.rules, "要綱.txt", sample("一時預かり事業実施要綱.txt"))["state"] == "ready"

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=60)
        self.addCleanup(connection.close)
        return connection

    def head(self, method, path, *lines):
        return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self.saeki.key}", *lines, "", "")).encode()

    def read_all(self, connection):
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer

    def test_two_thousand_idle_ones(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, MANY + 500), hard))
        many = min(MANY, hard - 500)  # As many as this machine lets one process have.
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        idle = [self.connect() for _ in range(many)]
        for connection in idle[::2]:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localh")
        self.assertEqual(self.saeki.ask(FEES)[-1][1], "done")
        for connection in idle[::2]:
            connection.sendall(b"ost\r\nConnection: close\r\n\r\n")
        answered = sum(self.read_all(connection).startswith(b"HTTP/1.1 200") for connection in idle[::2])
        self.assertGreaterEqual(answered, many // 2 - 1)

    def test_a_byte_a_second_holds_up_nobody_and_is_ended(self):
        head, body = self.connect(), self.connect()
        body.sendall(self.head("POST", "/api/v1/search", "Content-Type: application/json", "Content-Length: 1000"))
        stop = threading.Event()

        def drip(connection, bytes_of):
            for byte in bytes_of:
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return
                if stop.wait(1):
                    return

        threads = [threading.Thread(target=drip, args=(head, self.head("GET", "/api/v1/shelves") * 2)), threading.Thread(target=drip, args=(body, b" " * 1000))]
        for thread in threads:
            thread.start()
        self.assertEqual(self.saeki.ask(FEES)[-1][1], "done")
        self.assertIn(b" 408 ", self.read_all(head).split(b"\r\n")[0])
        self.assertIn(b" 408 ", self.read_all(body).split(b"\r\n")[0])
        stop.set()
        for thread in threads:
            thread.join()

    def test_a_half_closed_one_gets_its_answer(self):
        connection = self.connect()
        connection.sendall(self.head("GET", "/api/v1/shelves"))
        connection.shutdown(socket.SHUT_WR)
        self.assertTrue(self.read_all(connection).startswith(b"HTTP/1.1 200"))
        broken = self.connect()
        broken.sendall(self.head("POST", f"/api/v1/shelves/{self.rules}/documents?name=half.txt", "Content-Length: 100000") + b"x" * 500)
        broken.shutdown(socket.SHUT_WR)
        answer = self.read_all(broken)
        self.assertFalse(answer.startswith(b"HTTP/1.1 2"), answer[:100])
        names = [item["name"] for item in self.saeki.get(f"/api/v1/shelves/{self.rules}/documents")["items"]]
        self.assertNotIn("half.txt", names)

    def test_one_that_goes_in_the_middle_of_a_question_leaves_the_answer_whole(self):
        connection = self.connect()
        body = json.dumps({"question": FEES, "mode": "shelves"}).encode()
        connection.sendall(self.head("POST", "/api/v1/turns", "Content-Type: application/json", f"Content-Length: {len(body)}") + body)
        self.assertIn(b"200", connection.recv(100))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
        self.assertEqual(self.saeki.ask(FEES)[-1][1], "done")

    def test_bodies_of_every_wrong_kind_are_named(self):
        routes = (("POST", "/api/v1/turns", "error"), ("POST", "/api/v1/search", "error"), ("POST", "/api/v1/shelves", "error"),
                  ("POST", "/api/v1/session", "error"), ("POST", "/v1/chat/completions", "error"), ("POST", "/v1/embeddings", "error"))
        wrong = {
            "deep": b"[" * 20_000 + b"]" * 20_000,
            "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
            "huge": b'{"question":"' + b"x" * (3 << 20) + b'"}',
            "huge number": b'{"question":' + b"9" * 30_000 + b"}",
            "twice": b'{"model":"a","model":"b","question":"a","question":"b","query":"a","query":"b","name":"a","name":"b"}',
            "a list": b"[1,2,3]", "a text": b'"x"', "null": b"null", "nothing": b"", "cut": b'{"question":"x"', "two": b"{}{}",
            "no UTF-8": b'{"question":"\xff\xfe"}', "half a pair": b'{"question":"\\ud800"}', "NaN": b'{"question":NaN}', "UTF-16": "{}".encode("utf-16"),
            "wrong types": b'{"question":{"a":1},"query":[1],"name":5,"password":null,"level":"x","model":7,"messages":"x","input":{}}',
        }
        for method, path, key in routes:
            for kind, body in wrong.items():
                with self.subTest(path=path, kind=kind):
                    status, answer = self.saeki.request(method, path, raw=body, headers={"Content-Type": "application/json"})
                    self.assertIn(status, HTTP_ERRORS, answer)
                    self.assertIsInstance(answer, dict, answer)
                    self.assertIn(key, answer)
                    self.assertTrue(answer[key].get("code") or answer[key].get("message"), answer)
        self.assertEqual(Client(self.server).request("GET", "/healthz")[0], 200)


class TooManyQuestions(OfficeCase):
    @classmethod
    def prepare(cls, folder):
        make_office(folder, questions_a_minute=2)

    def test_are_put_off_with_the_time_to_come_back(self):
        question = {"question": "1たす1は。", "mode": "none"}
        for _ in range(2):
            self.assertEqual(self.saeki.events("POST", "/api/v1/turns", question)[-1][1], "done")
        model = self.saeki.get("/v1/models")["data"][0]["id"]
        for path, body in (("/api/v1/turns", question), ("/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": "はい"}]})):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            connection.request("POST", path, json.dumps(body), self.saeki.headers())
            answer = connection.getresponse()
            self.assertEqual(answer.status, 429)
            self.assertIn(int(answer.getheader("Retry-After")), range(1, 61))
            self.assertIn("error", json.loads(answer.read()))
            connection.close()
        asked = self.server.command(self.saeki, "ask", "1たす1は。", check=False)
        self.assertEqual(asked.returncode, 1)
        self.assertRegex(asked.stderr, "回数が多すぎます。")
        self.assertEqual(self.kudo.events("POST", "/api/v1/turns", question)[-1][1], "done", "another's questions are another's")


if __name__ == "__main__":
    unittest.main(verbosity=2)
