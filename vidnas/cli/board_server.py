"""Who answers the board's pages? A server that only this machine reaches.

It listens on loopback, knows its reader by a token, and reads. A page of another site
that a browser shows meanwhile has neither the token nor, by its `Host`, a way in.
"""

import json
import secrets
import threading
import time
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from vidnas.errors import VidnasError
from vidnas.study.history import load_history
from vidnas.views.live.board import Board, BoardStudy, fault_words
from vidnas.views.live.board_page import (
    BOARD_POLICY,
    NO_ICON,
    SECONDS,
    board_now,
    board_page,
    fault_page,
    study_address,
)
from vidnas.views.live.kept_current import Refresh, kept_current, now

HOST = "127.0.0.1"
LOOK_SECONDS = 1.0  # between two looks at the studies
IDLE_SECONDS = 15.0  # without a question, after which nobody looks any more
_HOSTS = ("127.0.0.1", "localhost", "[::1]")  # the last ones by a tunnel
HTML, JSON, TEXT = (
    f"{kind}; charset=utf-8" for kind in ("text/html", "application/json", "text/plain")
)


class BoardServer(ThreadingHTTPServer):
    """Serves a board until it is shut down.

    Args:
        board: Studies to serve.
        port: Port to listen on; 0 for any that is free.

    Raises:
        OSError: somebody else listens there.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, board: Board, port: int) -> None:
        # Before it listens: a port that is taken closes it at once.
        self._wakes, self._ends = threading.Event(), threading.Event()
        super().__init__((HOST, port), _Answers)
        self.board = board
        self.token = secrets.token_urlsafe(24)
        self.reports: dict[str, tuple[str, str]] = {}  # version and page by study
        self.making = threading.Lock()  # pages are made one after the other
        self._asked = time.monotonic()
        self._looks = threading.Thread(
            target=self._keep_looking, daemon=True, name="vidnas-board"
        )

    @property
    def port(self) -> int:
        """Port that it listens on."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """Address of the board for whoever may see it."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def begin_looking(self) -> None:
        """Begins to look at the studies."""
        self._looks.start()

    def server_close(self) -> None:
        """Answers and looks no more."""
        self._ends.set()
        self._wakes.set()
        super().server_close()

    def is_asked(self) -> None:
        """Takes note that somebody looks at the board."""
        self._asked = time.monotonic()
        self._wakes.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a reader that went away is no error."""

    def _keep_looking(self) -> None:
        while not self._ends.is_set():
            self.board.look()
            if time.monotonic() - self._asked > IDLE_SECONDS:
                self._wakes.clear()
                self._wakes.wait()
            self._ends.wait(LOOK_SECONDS)


class _Answers(BaseHTTPRequestHandler):
    """Answers one reader."""

    server: BoardServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "vidnas", ""
    timeout = 60.0  # of a reader that asks no more [s]

    def do_GET(self) -> None:
        """Answers a question."""
        asked = urlsplit(self.path)
        query = parse_qs(asked.query)
        if not self._is_let_in(query):
            return
        self.server.is_asked()
        names = query.get("study", [])
        if asked.path == "/":
            self._send(board_page(self._title, self.server.board))
        elif asked.path == "/now":
            self._now(names)
        elif asked.path == "/study" and names:
            self._study(names[0])
        elif asked.path == "/state" and names:
            self._state(names[0])
        elif asked.path == "/compare":
            self._compare(names)
        else:
            self._send("There is no such page.\n", TEXT, 404)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: questions are not worth a line."""

    @property
    def _title(self) -> str:
        return self.server.board.folder.resolve().name or "/"

    def _is_let_in(self, query: dict[str, list[str]]) -> bool:
        """Whether who asks may; who comes with the token gets a cookie for it."""
        host = self.headers.get("Host", "").rpartition(":")
        token, cookie = self.server.token, f"vidnas-board-{self.server.port}"
        if (host[0] or host[2]) not in _HOSTS:
            self._send("The board answers to loopback alone.\n", TEXT, 403)
            return False
        given = query.get("token", [""])[0]
        if given and compare_digest(given.encode(), token.encode()):
            # Lax: the address may be a link in another page, such as a terminal's.
            kept = f"{cookie}={token}; Path=/; HttpOnly; SameSite=Lax"
            self._send("", TEXT, 303, {"Location": "/", "Set-Cookie": kept})
            return False
        if compare_digest(self._cookie(cookie).encode(), token.encode()):
            return True
        words = "The board opens by the whole address that `vidnas board` printed.\n"
        self._send(words, TEXT, 403)
        return False

    def _cookie(self, name: str) -> str:
        try:
            found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        except CookieError:
            return ""
        return "" if found is None else found.value

    def _now(self, ticked: list[str]) -> None:
        board = self.server.board
        said = f"as of {time.strftime('%H:%M:%S')}"
        told = {"now": board_now(board, ticked), "said": said}
        self._send(json.dumps(told), JSON)

    def _state(self, name: str) -> None:
        found = self.server.board.named(name)
        if found is None or found.study is None:
            self._send("There is no such study.\n", TEXT, 404)
            return
        told = {"now": now(found.study), "version": found.study.version}
        self._send(json.dumps(told), JSON)

    def _study(self, name: str) -> None:
        found = self.server.board.named(name)
        if found is None or found.study is None:
            fault = found.fault if found is not None else "There is no such study."
            self._send(fault_page(name, fault), HTML, 404)
            return
        refresh = Refresh(
            SECONDS,
            time.strftime("%H:%M:%S"),
            ask=study_address(name, "state"),
            version=found.study.version,
            back="/",
        )
        try:
            page = kept_current(self._report(found), found.study, refresh)
        except Exception as wrong:  # the board goes on, and says it where it is seen
            self._send(fault_page(name, fault_words(wrong)), HTML, 500)
            return
        self._send(page)

    def _report(self, found: BoardStudy) -> str:
        from vidnas.views.pages.report import report_page

        assert found.study is not None
        version = found.study.version
        with self.server.making:
            known = self.server.reports.get(found.name)
            if known is None or known[0] != version:
                known = version, report_page(load_history(found.folder))
                self.server.reports[found.name] = known
        return known[1]

    def _compare(self, names: list[str]) -> None:
        from vidnas.views.compare import compare

        board = self.server.board
        found = [one for one in map(board.named, names) if one is not None]
        try:
            with self.server.making:
                view = compare([one.folder for one in found])
                from vidnas.views.pages.comparison_page import comparison_page

                page = comparison_page(view.comparison)
        except Exception as wrong:  # as above; most are of another task
            code = 400 if isinstance(wrong, VidnasError) else 500
            self._send(fault_page("comparison", fault_words(wrong)), HTML, code)
            return
        page = page.replace("</head>", f"{NO_ICON}</head>", 1)
        back = '<body><p><a href="/">all studies</a></p>'
        self._send(page.replace("<body>", back, 1), policy="")

    def _send(
        self,
        text: str,
        kind: str = HTML,
        code: int = 200,
        headers: dict[str, str] | None = None,
        *,
        policy: str = BOARD_POLICY,
    ) -> None:
        raw = text.encode()
        told = {
            "Content-Type": kind,
            "Content-Length": str(len(raw)),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            **({"Content-Security-Policy": policy} if policy else {}),
            **(headers or {}),
        }
        self.send_response(code)
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)
