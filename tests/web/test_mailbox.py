"""Mailboxes: the newest of each part reaches the screen, whole and in order, however slow its line is."""

import socket
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests import waiting
from web.live.mailbox import Delivery, Frame, Line, Mailbox


def frame(name: str, version: str, *, size: int = 10) -> Frame:
    return Frame(name=name, version=version, data=f"{name}={version};".encode() + b"." * size)


def encode(delivery: Delivery) -> bytes:
    return b"".join((*(one.data for one in delivery.frames), f"[{delivery.versions}]".encode()))


until = partial(waiting.until, seconds=60, every=0.01)


class Writer(threading.Thread):
    """What the web server's thread does with a stream."""

    def __init__(self, box: Mailbox, line: Line) -> None:
        super().__init__(daemon=True)
        self.box, self.line = box, line
        self.wrote: list[bytes] = []

    def run(self) -> None:
        while (delivery := self.box.take(seconds=60)) is not None:
            self.wrote.append(encode(delivery))
            self.line.send(self.line.framed(self.wrote[-1]))


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_without_a_line_the_newest_of_each_part_waits() -> None:
    box = Mailbox(screen_id=1, building_id=1, have="")
    box.put([frame("home", "1"), frame("around", "1")], versions="1.1")
    box.put([frame("home", "2")], versions="2.1")
    delivery = box.take(seconds=0)
    assert delivery is not None
    assert [(one.name, one.version) for one in delivery.frames] == [("home", "2"), ("around", "1")]
    assert delivery.versions == "2.1"
    nothing = box.take(seconds=0)
    assert nothing is not None
    assert nothing.frames == ()
    assert nothing.versions == "2.1"


def test_nothing_new_is_told_at_once_to_who_just_came() -> None:
    box = Mailbox(screen_id=1, building_id=1, have="1.1")
    box.put([], versions="1.1")
    began = time.monotonic()
    assert box.take(seconds=30) is not None
    assert time.monotonic() - began < 5


def test_a_free_line_is_written_by_who_brings_the_news(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    box = Mailbox(screen_id=1, building_id=1, have="")
    line = Line(socket=ours, chunked=True)
    box.connect(line, encode=encode)
    writer = Writer(box, line)
    writer.start()
    until(lambda: box._free)
    box.put([frame("home", "1", size=0)], versions="1")
    assert theirs.recv(100) == b"A\r\nhome=1;[1]\r\n"
    assert writer.wrote == [], "no thread was woken"
    box.close(gone=True)
    writer.join(10)
    assert not writer.is_alive()
    assert box.gone


def test_a_slow_line_gets_whole_messages_in_order_and_skips_what_is_old(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    box = Mailbox(screen_id=1, building_id=1, have="")
    line = Line(socket=ours, chunked=False)
    box.connect(line, encode=encode)
    writer = Writer(box, line)
    writer.start()
    until(lambda: box._free)
    size, many = 3_000_000, 40  # far more than the line takes
    began = time.monotonic()
    for number in range(many):
        box.put([frame("home", str(number), size=size)], versions=str(number))
    assert time.monotonic() - began < 5, "who brings news never waits for a slow screen"
    got = b""
    while not got.endswith(f"[{many - 1}]".encode()):
        got += theirs.recv(1 << 20)
    told = [one.partition(b"[") for one in got.split(b"]")[:-1]]
    versions = [int(version) for _, _, version in told]
    assert versions == sorted(versions)
    assert versions[-1] == many - 1
    assert len(versions) < many / 2, "what was overtaken is not sent"
    for text, _, version in told:
        assert text == b"home=%b;" % version + b"." * size
    box.close()
    writer.join(10)


def test_a_dead_line_ends_its_thread(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    box = Mailbox(screen_id=1, building_id=1, have="")
    line = Line(socket=ours, chunked=True)
    box.connect(line, encode=encode)
    ended: list[type] = []

    def hold() -> None:
        try:
            while box.take(seconds=60) is not None:
                pass
        except OSError as error:
            ended.append(type(error))

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    until(lambda: box._free)
    theirs.close()
    box.put([frame("home", "1")], versions="1")
    holder.join(10)
    assert ended == [BrokenPipeError]
