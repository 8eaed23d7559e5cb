"""A TCP or HTTP/1.1 proxy between one client and one service, with faults that are switched while traffic flows.

Without a fault every byte passes as it came: no header is added or changed (an S3 signature covers Host). HTTP is read
only far enough to know where a request and its reply begin and end. The proxy runs in a thread of its own.
"""

import asyncio
import logging
import re
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
HEAD_LIMIT = 1024 * 1024  # the longest head, and the longest client text a raw pattern is looked for in
QUIET_SECONDS = 0.1  # a raw protocol does not say where a reply ends: it has ended when the service is silent this long
SWITCH_SECONDS = 10  # a switch that takes longer means the proxy's thread is stuck
CHUNKED, UNTIL_CLOSE = -1, sys.maxsize  # lengths of a body that does not tell its length
REQUEST, REPLY = rb"\S+ \S+ HTTP/1\.[01]$", rb"HTTP/1\.[01] \d{3}"


@dataclass(eq=False)  # two rules with the same pattern are two faults
class _Rule:
    pattern: re.Pattern[bytes]
    times: int
    status: int | None = None  # answer with this, or ...
    is_forwarded: bool = True  # ... lose the reply, or the request itself


@dataclass
class _Faults:
    delay: float = 0.0
    cut_after: int | None = None
    cut: re.Pattern[bytes] = re.compile(b"")
    resetting: bool = False
    rules: list[_Rule] = field(default_factory=list)


@dataclass
class _Link:
    """One client connection with its connection to the service."""

    client_in: asyncio.StreamReader
    client: asyncio.StreamWriter
    service_in: asyncio.StreamReader
    service: asyncio.StreamWriter
    pending: deque[tuple[bytes, _Rule | None]] = field(default_factory=deque)  # HTTP: request lines without a reply yet
    said: bytes = b""  # raw: what the client said in its turn, ...
    replied: int = 0  # ... how many bytes the service answered ...
    losing: _Rule | None = None  # ... and the rule whose reply is awaited


class FaultProxy:
    """Listens on 127.0.0.1, a free `port`, and forwards to a service; for other protocols than HTTP say `http=False`.

    A switch is in force, for open connections too, when its call returns, and stays until `heal()`.
    `connections` counts accepted clients; `faults` counts how often a fault was applied, not how often one was set.
    An error of the proxy itself fails the `with` block. HTTP clients that pipeline are not served in order.
    """

    def __init__(self, host: str, port: int, *, http: bool = True) -> None:
        self.upstream, self.http = (host, port), http
        self.connections = self.faults = 0
        self.errors: list[BaseException] = []
        self._on = _Faults()
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._seat = _bound(0)  # never listens; keeps the port ours while `refuse()` has the listener closed
        self.port: int = self._seat.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"fault-proxy-{self.port}", daemon=True)
        self._thread.start()
        self._in_loop(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._in_loop(self._stop_listening())
        self._in_loop(self._drop_open(_reset, fault=0))
        self._in_loop(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SWITCH_SECONDS)
        self._loop.close()
        self._seat.close()
        if self.errors:  # an error of the block itself is shown as this one's context
            raise BaseExceptionGroup(f"the fault proxy to {self.upstream} failed", self.errors)

    def slow(self, seconds: float) -> None:
        """HTTP: every request waits before it is forwarded. Raw: the first chunk of every turn, in either direction."""
        self._on.delay = seconds

    def truncate(self, after_bytes: int, pattern: str = "") -> None:
        """A reply's body (raw: a turn of the service) ends after so many bytes as sent, chunk sizes included, and the
        connection closes. A shorter one passes; HTTP: so does the reply to a request whose first line has no `pattern`."""
        self._on.cut_after, self._on.cut = after_bytes, re.compile(pattern.encode("latin-1"))

    def reset(self) -> None:
        """Open connections are reset (RST), and so is every new one."""
        self._on.resetting = True
        self._in_loop(self._drop_open(_reset, fault=1))

    def refuse(self) -> None:
        """Like a stopped service: open connections are closed, each a fault; a new one meets a closed port.

        The closing of the port counts as one fault: the kernel refuses without telling anyone how often.
        """
        self._in_loop(self._stop_listening(fault=1))
        self._in_loop(self._drop_open(asyncio.StreamWriter.close, fault=1))

    def lose_reply(self, pattern: str | bytes, times: int = 1) -> None:
        """Matching requests reach the service; when it has replied, the reply is thrown away and the client is reset.

        HTTP: the pattern is searched in the request line. Raw: in the bytes of the client's turn; a prepared statement's
        text is in there only when it is parsed, and inside a transaction only a lost COMMIT was applied.
        """
        self._add_rule(pattern, times)

    def lose_request(self, pattern: str | bytes, times: int = 1) -> None:
        """Matching requests never reach the service; the client is reset. Patterns as in `lose_reply`."""
        self._add_rule(pattern, times, is_forwarded=False)

    def answer(self, status: int, pattern: str | bytes, times: int = 1) -> None:
        """HTTP: requests whose first line matches get this status with an error body like S3's, and go nowhere."""
        if not self.http:
            raise ValueError("answer() needs HTTP to know what a request is; this proxy was made with http=False")
        self._add_rule(pattern, times, status=HTTPStatus(status))

    def heal(self) -> None:
        """All faults off; a request that already waits in `slow` waits to its end."""
        self._on = _Faults()
        self._in_loop(self._listen())

    def _add_rule(self, pattern: str | bytes, times: int, status: int | None = None, is_forwarded: bool = True) -> None:
        raw = pattern.encode("latin-1") if isinstance(pattern, str) else pattern
        self._on.rules.append(_Rule(re.compile(raw), times, status, is_forwarded))

    def _in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(SWITCH_SECONDS)

    # Everything below runs in the proxy's thread.

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, sock=_bound(self.port), limit=HEAD_LIMIT)

    async def _stop_listening(self, fault: int = 0) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            self.faults += fault

    async def _drop_open(self, end: Callable[[asyncio.StreamWriter], None], fault: int) -> None:
        for task, client in self._open.items():
            self.faults += fault
            end(client)
            task.cancel()  # a request that still waits must not be forwarded any more
        await asyncio.gather(*self._open, return_exceptions=True)  # _served keeps the errors

    def _accept(self, client_in: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self._on.resetting:
            self.faults += 1
            _reset(client)
            return
        task = self._loop.create_task(self._serve(client_in, client))
        self._open[task] = client
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        del self._open[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self.errors.append(error)

    async def _serve(self, client_in: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        service = None
        try:
            service_in, service = await asyncio.open_connection(*self.upstream, limit=HEAD_LIMIT)
            link = _Link(client_in, client, service_in, service)
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._requests(link) if self.http else self._words(link))
                ways.create_task(self._replies(link) if self.http else self._answers(link))
            client.close()
        except* OSError as errors:
            log.warning("a connection to %s:%s ends: %s", *self.upstream, errors.exceptions)
        finally:
            _reset(client)  # unless it was closed in order
            if service is not None:
                service.close()

    async def _requests(self, link: _Link) -> None:
        while head := await _head(link.client_in, REQUEST):
            await self._wait()
            line = head.partition(b"\r\n")[0]
            body = _body(link.client_in, _length(head, otherwise=0))
            rule = self._take_rule(line)
            if rule is not None and rule.status is not None:
                await self._answer_instead(link.client, head, body, HTTPStatus(rule.status))
                continue
            if rule is not None and not rule.is_forwarded:
                self._lose(line)
            link.pending.append((line, rule))
            await _send(link.service, head)
            async for piece in body:
                await _send(link.service, piece)
        link.service.write_eof()

    async def _answer_instead(
        self, client: asyncio.StreamWriter, head: bytes, body: AsyncIterator[bytes], status: HTTPStatus
    ) -> None:
        if re.search(rb"(?im)^expect:[ \t]*100-continue", head):
            await _send(client, b"HTTP/1.1 100 Continue\r\n\r\n")
        async for _ in body:
            pass  # the next request on this connection begins behind it
        code = status.phrase.replace(" ", "")
        text = f"<Error><Code>{code}</Code><Message>answered by the fault proxy</Message></Error>"
        fields = f"Content-Type: application/xml\r\nContent-Length: {len(text)}"
        self.faults += 1
        shown = "" if head.startswith(b"HEAD ") else text
        await _send(client, f"HTTP/1.1 {status:d} {status.phrase}\r\n{fields}\r\n\r\n{shown}".encode())

    async def _replies(self, link: _Link) -> None:
        while head := await _head(link.service_in, REPLY):
            status = head[9:12]
            if status.startswith(b"1"):  # 100 Continue: the reply proper comes later
                await _send(link.client, head)
                continue
            request, rule = link.pending.popleft() if link.pending else (b"", None)
            bodiless = request.startswith(b"HEAD ") or status in (b"204", b"304")
            length = 0 if bodiless else _length(head, otherwise=UNTIL_CLOSE)
            body = _body(link.service_in, length)
            if rule in self._on.rules:  # not healed meanwhile
                async for _ in body:
                    pass
                self._lose(request)
            await _send(link.client, head)
            sent = 0
            async for piece in body:
                await self._send_or_cut(link.client, piece, sent, request, in_order=length != UNTIL_CLOSE)
                sent += len(piece)
        link.client.write_eof()

    async def _words(self, link: _Link) -> None:
        while chunk := await link.client_in.read(CHUNK):
            if link.replied or not link.said:
                link.said, link.replied = b"", 0
                await self._wait()
            link.said = (link.said + chunk)[-HEAD_LIMIT:]
            link.losing = link.losing or self._take_rule(link.said)
            if link.losing is not None and not link.losing.is_forwarded:
                self._lose(link.said)
            await _send(link.service, chunk)
        link.service.write_eof()

    async def _answers(self, link: _Link) -> None:
        while chunk := await link.service_in.read(CHUNK):
            if link.losing in self._on.rules:
                await _read_until_quiet(link.service_in)
                self._lose(link.said)
            link.losing = None
            if not link.replied:
                await self._wait()
            await self._send_or_cut(link.client, chunk, link.replied, b"", in_order=True)
            link.replied += len(chunk)
        link.client.write_eof()

    async def _wait(self) -> None:
        if self._on.delay:
            self.faults += 1
            await asyncio.sleep(self._on.delay)

    def _take_rule(self, text: bytes) -> _Rule | None:
        for rule in self._on.rules:
            if rule.times > 0 and rule.pattern.search(text):
                rule.times -= 1
                return rule
        return None

    def _lose(self, request: bytes) -> None:
        self.faults += 1
        raise ConnectionAbortedError(f"{request[:200]!r}, or the reply to it, was lost on purpose")

    async def _send_or_cut(
        self, client: asyncio.StreamWriter, piece: bytes, sent: int, request: bytes, *, in_order: bool
    ) -> None:
        cut_after = self._on.cut_after
        if cut_after is None or sent + len(piece) <= cut_after or not self._on.cut.search(request):
            await _send(client, piece)
            return
        self.faults += 1
        await _send(client, piece[: max(0, cut_after - sent)])
        if in_order:  # but a body that ends with its connection would pass for a whole one: that is reset
            client.close()
        raise ConnectionAbortedError(f"a reply was cut after {cut_after} bytes on purpose")


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        linger = struct.pack("ii", 1, 0)  # makes the close send RST, not FIN
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _until(reader: asyncio.StreamReader, end: bytes) -> bytes:
    """The bytes up to and with `end`; fewer, or none, when the connection ends before (they are passed on, too)."""
    try:
        return await reader.readuntil(end)
    except asyncio.IncompleteReadError as ended:
        return ended.partial


async def _head(reader: asyncio.StreamReader, first_line: bytes) -> bytes:
    head = await _until(reader, b"\r\n\r\n")
    found = head.partition(b"\r\n")[0]
    if head.endswith(b"\r\n\r\n") and not re.match(first_line, found):
        raise ValueError(f"expected HTTP/1.x ({first_line!r}), found {found[:80]!r}; other protocols need http=False")
    return head


def _length(head: bytes, *, otherwise: int) -> int:
    if re.search(rb"(?im)^transfer-encoding:.*chunked", head):
        return CHUNKED
    length = re.search(rb"(?im)^content-length:[ \t]*(\d+)", head)
    return int(length[1]) if length else otherwise


async def _body(reader: asyncio.StreamReader, length: int) -> AsyncIterator[bytes]:
    """The bytes of one body as they are on the wire; ends early when the connection does."""
    if length != CHUNKED:
        while length and (piece := await reader.read(min(length, CHUNK))):
            yield piece
            length -= len(piece)
        return
    trailer = False
    while line := await _until(reader, b"\r\n"):
        yield line
        if trailer and line == b"\r\n":
            return
        if not trailer and line.endswith(b"\r\n"):
            size = int(line.partition(b";")[0], 16)
            trailer = size == 0
            async for piece in _body(reader, size + 2 if size else 0):
                yield piece


async def _read_until_quiet(reader: asyncio.StreamReader) -> None:
    try:
        while await asyncio.wait_for(reader.read(CHUNK), QUIET_SECONDS):
            pass
    except TimeoutError:
        return
