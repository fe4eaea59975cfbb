"""The commands that serve: pages to people, tools to assistants."""

from __future__ import annotations

import logging
import os
import platform
import secrets
import socket
import sys
from pathlib import Path

from khanij.core.errors import StudyError

LOCAL = ("127.0.0.1", "localhost", "::1")
TOKEN = "KHANIJ_TOKEN"
RUNS = "KHANIJ_RUNS"  # address of a PostgreSQL database: it holds a password, which an option would show to everybody


def serve(host: str, port: int, state: Path | None, data: Path | None) -> None:
    """Serve the pages until Ctrl-C; raises StudyError where the port is taken."""
    import uvicorn

    if data is not None:
        if not data.is_dir():
            raise StudyError(f"no folder {data.name!r}", where="--data", hint="name a store that is there")
        os.environ["KHANIJ_STORE"] = str(data.resolve())
    from khanij.web import app

    runs = os.environ.get(RUNS, "")
    token = "" if host in LOCAL else os.environ.get(TOKEN) or secrets.token_urlsafe(24)
    made = app.create(state, (host, f"[{host}]", platform.node()), token, runs)
    config = uvicorn.Config(made, host, port, access_log=False, log_level="warning", timeout_graceful_shutdown=5)
    logging.getLogger("uvicorn.error").disabled = True  # what it says of a taken port is told below
    try:
        taken = config.bind_socket()
    except SystemExit:
        hint = "--port NUMBER, or 0 for any that is free"
        raise StudyError("the address cannot be had", where=f"{host}:{port}", hint=hint) from None
    # a reply on a kept connection would wait 40 ms between head and body for the other side's acknowledgement
    taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    logging.getLogger("uvicorn.error").disabled = False
    shown = f"http://{f'[{host}]' if ':' in host else host}:{taken.getsockname()[1]}/"
    print(f"khanij is at {shown}  (Ctrl-C stops it)", file=sys.stderr)
    if token:
        print(f"others must show a token: {shown}?token={token}", file=sys.stderr)
    server = uvicorn.Server(config)
    try:
        server.run([taken])
    except KeyboardInterrupt:
        return


def mcp(state: Path | None) -> None:
    """Answer an assistant on standard input and output until the input ends."""
    from khanij.jobs.ledger import RunLedger
    from khanij.web import mcp as protocol
    from khanij.web.answers import Answers, Worker

    ledger = RunLedger(os.environ.get(RUNS) or (None if state is None else state / "runs.sqlite"))
    answers = Answers(ledger, state and state / "parts")
    worker = Worker(answers)
    worker.start()
    try:
        protocol.serve(protocol.Assistant(answers))
    except KeyboardInterrupt:
        return
    finally:
        worker.stop()
