"""Gunicorn's worker of many threads, with a shorter way for what lies ready: neither a thread nor a parser is asked.

A document that lies ready costs gunicorn ten times what it costs to hand it out. So whoever keeps a connection and asks
for one is answered by the loop that noticed the question. Everything else, and every doubt, goes the usual way.
"""

import socket
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from web import request_heads

AtOnce = Callable[[bytes], bytes | None]


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Asks `self.app.at_once` first: the whole answer to what came in, or None."""

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """Answer a kept connection that has something to say; called by gunicorn's loop."""
        if not self._answer(conn, client):
            super().on_client_socket_readable(conn, client)

    def _answer(self, conn: Any, client: socket.socket) -> bool:
        """Whether the question is answered; if not, nothing of it was taken, and nothing said."""
        at_once: AtOnce | None = self.app.at_once
        # A worker that stops tells its callers so, and that is not in an answer that lies ready.
        if at_once is None or not self.alive:
            return False
        try:
            came = client.recv(request_heads.LONGEST, socket.MSG_PEEK)
            answer = at_once(came)
            if answer is None:
                return False
            sent = client.send(answer)
            client.recv(len(came))
        except OSError:
            return False  # the usual way meets it as well, and knows what to do
        self.keepalived_conns.remove(conn)
        if sent < len(answer):
            self.poller.unregister(client)
            self._send_rest(conn, answer[sent:])
        else:
            conn.set_timeout()
            self.keepalived_conns.append(conn)
        return True

    def _send_rest(self, conn: Any, rest: bytes) -> None:
        """A reader that is slow keeps a thread waiting, and not the loop."""

        def send() -> bool:
            conn.sock.settimeout(None)
            conn.sock.sendall(rest)
            return True

        sending = self.tpool.submit(send)
        sending.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))
