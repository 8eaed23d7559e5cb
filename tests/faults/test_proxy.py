"""The fault proxy itself: transparent without a fault, and each fault is what the client and the service really see."""

import contextlib
import http.client
import os
import socket
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults.proxy import FaultProxy

TEN_MEGABYTES = os.urandom(10 * 1024 * 1024)
EXPECTING_PUT = b"PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"  # of b"hello"
TIMEOUT = 5


class Store(BaseHTTPRequestHandler):
    """An object store of two verbs; `/chunked/x` and `/until-close/x` give the object x in another framing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self):
        self.server.objects[self.path] = self._body()
        self._reply(b"")

    def do_GET(self):
        framing, _, name = self.path[1:].partition("/")
        if framing == "chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            content = self.server.objects["/" + name]
            half = len(content) // 2
            for part in (content[:half], content[half:], b""):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        elif framing == "until-close":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.server.objects["/" + name])
            self.close_connection = True
        else:
            self._reply(self.server.objects[self.path])

    def do_HEAD(self):
        self._reply(self.server.objects[self.path])

    def _body(self):
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _reply(self, content):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_request(self, code="-", size="-"):
        self.server.seen.append(f"{self.command} {self.path}")

    def log_message(self, *arguments):
        """Quiet: what was asked is in `seen`."""


class Echo(socketserver.BaseRequestHandler):
    """Keeps what it hears, and says it back as soon as it ends with the server's `full_stop`."""

    def handle(self):
        with contextlib.suppress(ConnectionError):  # the faults under test end connections
            said = b""
            while heard := self.request.recv(65536):
                self.server.heard.append(heard)
                said += heard
                if said.endswith(self.server.full_stop):
                    self.request.sendall(said)
                    said = b""


@contextlib.contextmanager
def serving(server):
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda request, address: None  # a client that a fault cut off is no news
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store():
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Store)) as server:
        server.objects, server.seen = {"/small": b"0123456789"}, []
        yield server


@pytest.fixture
def echo():
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)) as server:
        server.heard, server.full_stop = [], b""
        yield server


@pytest.fixture
def proxy(store):
    with FaultProxy(*store.server_address) as proxy:
        yield proxy


@pytest.fixture
def raw(echo):
    with FaultProxy(*echo.server_address, http=False) as proxy:
        yield proxy


@pytest.fixture
def client(proxy):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=TIMEOUT)) as client:
        yield client


@pytest.fixture
def line(raw):
    with socket.create_connection(("127.0.0.1", raw.port), timeout=TIMEOUT) as line:
        yield line


def ask(client, method, path, body=None, **options):
    client.request(method, path, body, **options)
    reply = client.getresponse()
    return reply.status, reply.read()


def say(line, words, expected=None):
    line.sendall(words)
    return receive(line, len(words) if expected is None else expected)


def receive(line, size):
    heard = b""
    while len(heard) < size and (part := line.recv(65536)):
        heard += part
    return heard


def receive_once(port, words=b""):
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as line:
        line.sendall(words)
        return line.recv(1)


# ---- no fault


def test_ten_megabytes_pass_both_ways_on_one_kept_connection(proxy, store, client):
    assert ask(client, "PUT", "/big", TEN_MEGABYTES) == (200, b"")
    assert store.objects["/big"] == TEN_MEGABYTES
    assert ask(client, "GET", "/big") == (200, TEN_MEGABYTES)
    assert ask(client, "HEAD", "/big") == (200, b"")
    assert ask(client, "GET", "/small") == (200, b"0123456789")
    assert (proxy.connections, proxy.faults) == (1, 0)


def test_chunked_bodies_pass_both_ways_on_one_kept_connection(proxy, store, client):
    parts = [TEN_MEGABYTES[:100_000], TEN_MEGABYTES[100_000:300_000]]
    assert ask(client, "PUT", "/parts", iter(parts), encode_chunked=True) == (200, b"")
    assert store.objects["/parts"] == b"".join(parts)
    assert ask(client, "GET", "/chunked/parts") == (200, b"".join(parts))
    assert ask(client, "GET", "/until-close/parts") == (200, b"".join(parts))
    assert proxy.connections == 1


def test_a_request_reaches_the_service_byte_for_byte(echo):
    request = b"PUT /a%20b?x=1 HTTP/1.1\r\nhOST: minio:9000\r\nX-Odd:  two  blanks \r\nContent-Length: 5\r\n\r\nhello"
    echo.full_stop = b"never"
    with (
        FaultProxy(*echo.server_address) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT) as line,
    ):
        line.sendall(request)
        while sum(map(len, echo.heard)) < len(request):
            time.sleep(0.01)
    assert b"".join(echo.heard) == request


def test_a_client_that_waits_for_100_continue_gets_it_from_the_service(proxy, store):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT) as line:
        line.sendall(EXPECTING_PUT)
        assert receive(line, 1).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"hello")
        assert receive(line, 1).startswith(b"HTTP/1.1 200 ")
    assert store.objects["/x"] == b"hello"


def test_raw_bytes_pass_both_ways_and_the_end_of_one_way_too(raw, line):
    size = 1024 * 1024
    sender = threading.Thread(target=lambda: (line.sendall(TEN_MEGABYTES[:size]), line.shutdown(socket.SHUT_WR)))
    sender.start()
    assert receive(line, size) == TEN_MEGABYTES[:size]
    sender.join()
    assert line.recv(1) == b""
    assert (raw.connections, raw.faults) == (1, 0)


# ---- slow


def test_a_slow_service_delays_every_request_of_an_open_connection_until_healed(proxy, client):
    ask(client, "GET", "/small")
    proxy.slow(0.2)
    for _ in range(2):
        began = time.monotonic()
        assert ask(client, "GET", "/small") == (200, b"0123456789")
        assert time.monotonic() - began >= 0.2
    assert proxy.faults == 2
    proxy.heal()
    began = time.monotonic()
    ask(client, "GET", "/small")
    assert time.monotonic() - began < 0.2
    assert (proxy.connections, proxy.faults) == (1, 2)


def test_a_slow_raw_service_delays_each_turn_of_either_side(raw, line):
    raw.slow(0.1)
    began = time.monotonic()
    assert say(line, b"hello") == b"hello"
    assert time.monotonic() - began >= 0.2
    assert raw.faults == 2


# ---- reset and refuse


def test_a_reset_is_seen_as_a_reset_by_open_and_new_connections_until_healed(proxy, raw, client, line):
    ask(client, "GET", "/small")
    say(line, b"hello")
    for each in (proxy, raw):
        each.reset()
        assert each.faults == 1
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    with pytest.raises(ConnectionError):
        ask(client, "GET", "/small")
    with pytest.raises(ConnectionResetError):
        receive_once(raw.port)
    assert raw.faults == 2
    raw.heal()
    with socket.create_connection(("127.0.0.1", raw.port), timeout=TIMEOUT) as new:
        assert say(new, b"again") == b"again"


def test_a_request_that_still_waits_is_never_forwarded_after_a_reset(proxy, store, client):
    proxy.slow(0.2)
    client.request("PUT", "/late", b"late")
    while proxy.faults == 0:
        time.sleep(0.01)
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.getresponse()
    time.sleep(0.3)
    assert store.seen == []


def test_a_refusing_service_has_a_closed_port_and_the_same_port_after_healing(proxy, client):
    ask(client, "GET", "/small")
    proxy.refuse()
    assert client.sock.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT)
    assert proxy.faults == 2  # the port and the open connection
    proxy.heal()
    client.close()
    assert ask(client, "GET", "/small") == (200, b"0123456789")


def test_an_upstream_that_is_down_resets_the_client_and_says_so(caplog):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with FaultProxy(*nobody.getsockname(), http=False) as proxy, pytest.raises(ConnectionResetError):
            receive_once(proxy.port)
    assert "Connect call failed" in caplog.text


# ---- truncate


@pytest.mark.parametrize("path", ["/big", "/chunked/big"])
def test_a_truncated_reply_is_reported_as_incomplete(proxy, store, client, path):
    store.objects["/big"] = TEN_MEGABYTES
    ask(client, "GET", "/small")
    proxy.truncate(100_000)
    client.request("GET", path)
    with pytest.raises(http.client.IncompleteRead):
        client.getresponse().read()
    assert (proxy.connections, proxy.faults) == (1, 1)


def test_a_truncated_reply_has_exactly_the_bytes_asked_for(proxy, client):
    proxy.truncate(4)
    client.request("GET", "/small")
    with pytest.raises(http.client.IncompleteRead) as incomplete:
        client.getresponse().read()
    assert incomplete.value.partial == b"0123"


def test_a_truncated_reply_without_length_is_reset_because_its_end_would_look_whole(proxy, client):
    proxy.truncate(4)
    client.request("GET", "/until-close/small")
    with pytest.raises(ConnectionResetError):
        client.getresponse().read()


def test_a_reply_that_is_short_enough_is_not_truncated(proxy, client):
    proxy.truncate(10)
    assert ask(client, "GET", "/small") == (200, b"0123456789")
    assert proxy.faults == 0


def test_only_replies_to_matching_requests_are_truncated(proxy, client):
    proxy.truncate(4, r"^GET \S+\.parquet")
    assert ask(client, "GET", "/small") == (200, b"0123456789")
    assert proxy.faults == 0
    client.request("PUT", "/x.parquet", b"0123456789")
    client.getresponse().read()
    client.request("GET", "/x.parquet")
    with pytest.raises(http.client.IncompleteRead):
        client.getresponse().read()


def test_a_truncated_raw_reply_ends_after_so_many_bytes(raw, line):
    raw.truncate(3)
    assert say(line, b"hello") == b"hel"
    assert raw.faults == 1


# ---- lose the reply


def test_a_lost_reply_is_applied_exactly_once_and_the_client_sees_an_error(proxy, store, client):
    proxy.lose_reply(r"^PUT .*metadata\.json")
    assert ask(client, "PUT", "/data.parquet", b"rows") == (200, b"")
    with pytest.raises(ConnectionError):
        ask(client, "PUT", "/v1.metadata.json", b"{}")
    assert store.seen == ["PUT /data.parquet", "PUT /v1.metadata.json"]
    assert store.objects["/v1.metadata.json"] == b"{}"
    assert proxy.faults == 1
    client.close()
    assert ask(client, "PUT", "/v2.metadata.json", b"{}") == (200, b"")  # once means once
    assert proxy.faults == 1


def test_a_lost_reply_to_expect_continue_still_lets_the_body_through(proxy, store):
    proxy.lose_reply("^PUT /x")
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT) as line:
        line.sendall(EXPECTING_PUT)
        assert receive(line, 1).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            line.recv(1)
    assert store.objects["/x"] == b"hello"


def test_a_lost_raw_reply_is_applied_once_though_the_statement_comes_in_two_pieces(raw, echo, line):
    raw.lose_reply(rb"UPDATE iceberg_tables")
    echo.full_stop = b";"
    assert say(line, b"SELECT 1;") == b"SELECT 1;"
    for piece in (b"UPDATE ice", b"berg_tables SET ...;"):
        line.sendall(piece)
        time.sleep(0.02)  # the proxy reads two chunks
    with pytest.raises(ConnectionResetError):
        line.recv(1)
    assert b"".join(echo.heard) == b"SELECT 1;UPDATE iceberg_tables SET ...;"
    assert raw.faults == 1
    with socket.create_connection(("127.0.0.1", raw.port), timeout=TIMEOUT) as new:
        assert say(new, b"UPDATE iceberg_tables;") == b"UPDATE iceberg_tables;"  # once means once


def test_a_healed_proxy_loses_no_reply_not_even_one_that_is_already_awaited(proxy, raw, echo, line):
    proxy.lose_reply("^PUT")
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT) as put:
        put.sendall(EXPECTING_PUT)
        assert receive(put, 1).startswith(b"HTTP/1.1 100 ")
        proxy.heal()
        put.sendall(b"hello")
        assert receive(put, 1).startswith(b"HTTP/1.1 200 ")
    raw.lose_reply("UPDATE")
    echo.full_stop = b";"
    line.sendall(b"UPDATE")
    while not echo.heard:
        time.sleep(0.01)
    raw.heal()
    assert say(line, b";", expected=7) == b"UPDATE;"
    assert (proxy.faults, raw.faults) == (0, 0)


# ---- lose the request


def test_a_lost_request_never_reaches_the_service_and_the_client_sees_a_reset(proxy, store, client, raw, echo, line):
    proxy.lose_request("^PUT")
    with pytest.raises(ConnectionError):
        ask(client, "PUT", "/x", b"lost")
    client.close()
    assert ask(client, "PUT", "/y", b"kept") == (200, b"")
    raw.lose_request("UPDATE")
    with pytest.raises(ConnectionError):
        say(line, b"UPDATE;")
    assert (store.seen, echo.heard) == (["PUT /y"], [])
    assert (proxy.faults, raw.faults) == (1, 1)


# ---- answer instead


def test_an_answered_request_never_reaches_the_service_and_keeps_the_connection(proxy, store, client):
    proxy.answer(503, "^PUT", times=2)
    for body in (TEN_MEGABYTES, b"small"):
        status, text = ask(client, "PUT", "/x", body)
        assert status == 503
        assert b"<Error><Code>ServiceUnavailable</Code>" in text
    assert store.seen == []
    assert proxy.faults == 2
    assert ask(client, "PUT", "/x", b"third") == (200, b"")
    assert store.seen == ["PUT /x"]
    assert proxy.connections == 1


def test_an_answered_head_request_has_no_body_and_the_next_reply_follows_at_once(proxy):
    proxy.answer(503, "^HEAD")
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT) as line:
        line.sendall(b"HEAD /small HTTP/1.1\r\nHost: x\r\n\r\n")
        reply = receive(line, 1)
        assert reply.startswith(b"HTTP/1.1 503 ")
        line.sendall(b"GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        reply += receive(line, 10_000)
    assert b"\r\n\r\nHTTP/1.1 200 " in reply
    assert reply.endswith(b"0123456789")


def test_an_answered_request_that_waits_for_100_continue_sees_the_status(proxy, store):
    proxy.answer(503, "^PUT")
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT) as line:
        line.sendall(EXPECTING_PUT)
        assert receive(line, 1).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"hello")
        assert receive(line, 1).startswith(b"HTTP/1.1 503 ")
    assert store.seen == []


def test_a_raw_proxy_cannot_answer_and_says_why(raw):
    with pytest.raises(ValueError, match="http=False"):
        raw.answer(503, "PUT")


def talk_nonsense_through_a_proxy(upstream):
    with FaultProxy(*upstream) as proxy, pytest.raises(ConnectionResetError):
        receive_once(proxy.port, b"no http at all\r\n\r\n")


def test_an_error_of_the_proxy_itself_fails_the_block_it_served(store):
    with pytest.raises(ExceptionGroup, match="fault proxy") as failed:
        talk_nonsense_through_a_proxy(store.server_address)
    assert failed.group_contains(ValueError, match="found b'no http at all'")
