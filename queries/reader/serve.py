"""Serves a reader's folder to this machine alone."""

from __future__ import annotations

import functools
import io
import os
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from bookscore.engine.errors import BookscoreError

HOST = "127.0.0.1"
PORT = 7265
"""A page remembers its reader's place by its address, so the address should stay the same."""


def serve(folder: Path, port: int | None = None) -> ThreadingHTTPServer:
    """A server of a reader's folder on the loopback interface; it listens, and is yet to be run.

    Parameters
    ----------
    folder : Path
        Nothing outside it is served.
    port : int or None
        0: any free one; None: `PORT`, or a free one where that is taken.

    Raises
    ------
    BookscoreError
        The port cannot be had.
    """
    handler = functools.partial(_Handler, directory=str(folder))
    try:
        return ThreadingHTTPServer((HOST, PORT if port is None else port), handler)
    except OSError as error:
        if port is None:
            return serve(folder, 0)
        raise BookscoreError(
            f"port {port} cannot be used ({error.strerror}): choose another --port, or leave it out"
        ) from error


def address(server: ThreadingHTTPServer) -> str:
    """Where the page is."""
    return f"http://{HOST}:{server.server_port}/"


# Said here, since a machine's own table of types may know better.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".jpg": "image/jpeg",
}


class _Handler(SimpleHTTPRequestHandler):
    server: ThreadingHTTPServer

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        return TYPES.get(Path(path).suffix, "application/octet-stream")

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        # Another site's name may be made to lead here; such a site must not read the book.
        port = self.server.server_port
        if self.headers.get("Host") not in (f"{HOST}:{port}", f"localhost:{port}"):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        return super().send_head()

    def list_directory(self, path: str | os.PathLike[str]) -> io.BytesIO | None:
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
