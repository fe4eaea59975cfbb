"""A connection to a PostgreSQL server, as far as the ledger of runs needs one: statements, values, rows.

Protocol 3.0 of PostgreSQL ("Frontend/Backend Protocol", chapter 55 of its manual), passwords by SCRAM-SHA-256
(RFC 5802, RFC 7677). It is written here because a driver is one package more for six statements.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from khanij.core.errors import StudyError

SCHEMES = ("postgresql", "postgres")
VERSION = 196_608  # 3.0
ASK_TLS = 80_877_103
WHOLE, REAL, BYTES, TRUTH = (20, 21, 23, 26), (700, 701, 1700), (17,), (16,)  # types by their numbers in pg_type
MECHANISM = "SCRAM-SHA-256"
SECONDS = 30.0  # that a server may take to answer


def is_address(text: object) -> bool:
    """Return whether a text is the address of such a server."""
    return isinstance(text, str) and text.partition("://")[0] in SCHEMES


class PostgresConnection:
    """One connection; not for several threads at once. Every statement is a transaction of its own."""

    def __init__(self, address: str) -> None:
        """Connect to postgresql://USER:PASSWORD@HOST:PORT/DATABASE; sslmode=verify-full asks for TLS.

        Raises StudyError where that fails; the password is in no message.
        """
        parts = urlsplit(address)
        if parts.scheme not in SCHEMES or not parts.hostname or not parts.username:
            hint = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
            raise StudyError("no address of a PostgreSQL server", where="runs", hint=hint)
        self.place = f"{parts.hostname}:{parts.port or 5432}"
        self.host, self.port = parts.hostname, parts.port or 5432
        self.user, self.password = unquote(parts.username), unquote(parts.password or "")
        self.database = parts.path.lstrip("/") or self.user
        self.tls = parse_qs(parts.query).get("sslmode", ["disable"])[0] == "verify-full"
        self.held = b""
        self._open()

    def execute(self, line: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement whose places for values are "?"; connects again where the server went away."""
        try:
            return self._execute(line, values)
        except OSError:
            self.close()
            self._open()
            try:
                return self._execute(line, values)
            except OSError as gone:
                raise StudyError(f"the server is gone: {gone}", where=self.place, hint="is it running?") from None

    def close(self) -> None:
        """End the connection."""
        with suppress(OSError):
            self.socket.sendall(_message(b"X", b""))
        self.socket.close()

    def _open(self) -> None:
        """Connect and show who we are."""
        try:
            self.socket = socket.create_connection((self.host, self.port), timeout=SECONDS)
            self.held = b""
            if self.tls:
                self.socket.sendall(_message(b"", struct.pack("!i", ASK_TLS)))
                if self.socket.recv(1) != b"S":
                    raise OSError("the server has no TLS")
                self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=self.host)
            named = b"".join(_text(part) for part in ("user", self.user, "database", self.database)) + b"\0"
            self.socket.sendall(_message(b"", struct.pack("!i", VERSION) + named))
            try:
                self._show()
            except BaseException:
                self.socket.close()
                raise
        except OSError as refused:
            what = f"cannot be reached: {refused}"
            raise StudyError(what, where=self.place, hint="is the server running, and the address right?") from None

    def _show(self) -> None:
        """Answer what the server asks of us until it is ready."""
        proof = Proof(self.user, self.password)
        while True:
            kind, body = self._read()
            if kind == b"Z":
                return
            if kind == b"E":
                raise StudyError(_told(body), where=self.place, hint="user, password and database of the address")
            if kind != b"R":
                continue
            code = struct.unpack("!i", body[:4])[0]
            if code == 10 and MECHANISM.encode() in body[4:].split(b"\0"):
                first = proof.first()
                sent = _text(MECHANISM) + struct.pack("!i", len(first)) + first
                self.socket.sendall(_message(b"p", sent))
            elif code == 11:
                self.socket.sendall(_message(b"p", proof.last(body[4:])))
            elif code == 12:
                proof.check(body[4:])
            elif code != 0:
                hint = "password_encryption = scram-sha-256 on the server"
                raise StudyError("it asks for a password in another way than SCRAM", where=self.place, hint=hint)

    def _execute(self, line: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Send one statement and return its rows; raises StudyError for one that the server refuses."""
        pieces = line.split("?")
        numbered = pieces[0] + "".join(f"${k}{piece}" for k, piece in enumerate(pieces[1:], 1))
        given = b"".join(_value(value) for value in values)
        bound = b"\0\0" + struct.pack("!hh", 0, len(values)) + given + struct.pack("!h", 0)
        parse = _message(b"P", b"\0" + _text(numbered) + struct.pack("!h", 0))
        ask = _message(b"B", bound) + _message(b"D", b"P\0") + _message(b"E", b"\0" + struct.pack("!i", 0))
        self.socket.sendall(parse + ask + _message(b"S", b""))
        types: list[int] = []
        rows, wrong = [], ""
        while True:
            kind, body = self._read()
            if kind == b"T":
                types = _types(body)
            elif kind == b"D":
                rows.append(_row(body, types))
            elif kind == b"E":
                wrong = _told(body)
            elif kind == b"Z":
                break
        if wrong:
            raise StudyError(wrong, where=self.place, hint="the table of runs there may be of another program")
        return rows

    def _read(self) -> tuple[bytes, bytes]:
        """Return the next message: its kind and body."""
        head = self._take(5)
        return head[:1], self._take(struct.unpack("!i", head[1:])[0] - 4)

    def _take(self, count: int) -> bytes:
        """Return so many bytes; raises OSError where the server ends."""
        parts = [self.held]
        there = len(self.held)
        while there < count:
            more = self.socket.recv(65_536)
            if not more:
                raise ConnectionResetError("the connection ended")
            parts.append(more)
            there += len(more)
        whole = b"".join(parts)
        self.held = whole[count:]
        return whole[:count]


class Proof:
    """Shows that we know a password, and that the server does, without sending it (RFC 5802)."""

    def __init__(self, user: str, password: str) -> None:
        """Begin with a number of our own."""
        self.password, self.mine = password.encode(), secrets.token_urlsafe(18)
        self.bare = f"n=,r={self.mine}"  # the server takes the user from the start of the connection

    def first(self) -> bytes:
        """Return our first message."""
        return f"n,,{self.bare}".encode()

    def last(self, told: bytes) -> bytes:
        """Return our last message after the server's first: salt, rounds, and its number behind ours."""
        parts = dict(part.split("=", 1) for part in told.decode().split(","))
        if not parts["r"].startswith(self.mine):
            raise OSError("the server answers somebody else")
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(parts["s"]), int(parts["i"]))
        without = f"c=biws,r={parts['r']}"
        said = f"{self.bare},{told.decode()},{without}".encode()
        key = _hmac(salted, b"Client Key")
        sign = _hmac(hashlib.sha256(key).digest(), said)
        self.server = _hmac(_hmac(salted, b"Server Key"), said)
        shown = base64.b64encode(bytes(a ^ b for a, b in zip(key, sign, strict=True))).decode()
        return f"{without},p={shown}".encode()

    def check(self, told: bytes) -> None:
        """Raise OSError for a server that does not know the password."""
        if told != b"v=" + base64.b64encode(self.server):
            raise OSError("the server does not know the password")


def _hmac(key: bytes, text: bytes) -> bytes:
    """Return the keyed hash of a text."""
    return hmac.new(key, text, hashlib.sha256).digest()


def _message(kind: bytes, body: bytes) -> bytes:
    """Return a message of a kind."""
    return kind + struct.pack("!i", len(body) + 4) + body


def _text(words: str) -> bytes:
    """Return a text that ends with a zero byte."""
    return words.encode() + b"\0"


def _value(value: object) -> bytes:
    """Return a value as the server reads it: a text with its length, -1 for none."""
    if value is None:
        return struct.pack("!i", -1)
    written = b"\\x" + value.hex().encode() if isinstance(value, bytes) else str(value).encode()
    return struct.pack("!i", len(written)) + written


def _types(body: bytes) -> list[int]:
    """Return the type of each column of a description of rows."""
    count, at, types = struct.unpack("!h", body[:2])[0], 2, []
    for _ in range(count):
        at = body.index(b"\0", at) + 1
        types.append(struct.unpack("!i", body[at + 6 : at + 10])[0])
        at += 18
    return types


def _row(body: bytes, types: list[int]) -> tuple[Any, ...]:
    """Return one row as Python has it."""
    at, row = 2, []
    for type in types:
        size = struct.unpack("!i", body[at : at + 4])[0]
        at += 4
        row.append(None if size < 0 else _known(body[at : at + size], type))
        at += max(size, 0)
    return tuple(row)


def _known(data: bytes, type: int) -> Any:
    """Return a value of a type."""
    if type in BYTES:
        return bytes.fromhex(data[2:].decode())
    text = data.decode()
    if type in WHOLE:
        return int(text)
    return float(text) if type in REAL else text == "t" if type in TRUTH else text


def _told(body: bytes) -> str:
    """Return what a message of an error says."""
    parts = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    return parts.get(b"M", "the server refuses")
