"""Random lives of documents: once it was looked at, decided, taken back or is too old, no copy of it can be read."""

import tempfile
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from instance import assurance, checking, documents, moving, suspensions
from instance.assurance import Kind
from instance.base import Refused
from instance.decisions import Rule
from instance.documents import SEALED, Document, Why
from instance.residents import Role
from instance.residents import State as Standing
from tests.instance import neighbourhood
from tests.instance.papers import paper

NEWCOMERS, ADMINISTRATORS, LOTS = 2, 3, 2
newcomer, administrator, place = (st.integers(0, most - 1) for most in (NEWCOMERS, ADMINISTRATORS, LOTS))
pick = st.integers(0, 30)


def reads(sealed: bytes, *, name: uuid.UUID, key: bytes) -> bool:
    """Whether this key opens a copy of the file."""
    try:
        return bool(AESGCM(key).decrypt(sealed[: documents.NONCE], sealed[documents.NONCE :], name.bytes))
    except InvalidTag:
        return False


class Life(RuleBasedStateMachine):
    """Whoever steals every copy that ever lay on the disk, and every row as it is now, reads what still waits only."""

    def __init__(self) -> None:
        super().__init__()
        self._opened = neighbourhood.fresh_session()
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name)
        self.session = self._opened.__enter__()
        self.town = town = neighbourhood.build(self.session)
        self.lots = town.lilas.lots[:LOTS]
        self.newcomers = [town.resident() for _ in range(NEWCOMERS)]
        # The first lives in the building itself; the others do not.
        homes = (town.lilas, town.far, town.tilleuls)
        self.administrators = [town.resident(one, role=Role.ADMINISTRATOR) for one in homes]
        self.stolen: dict[uuid.UUID, bytes] = {}
        self.waiting: dict[uuid.UUID, tuple[int, int, datetime]] = {}
        self.opened: dict[uuid.UUID, tuple[int, int, datetime, int]] = {}
        self.checked: set[tuple[int, int]] = set()

    def teardown(self) -> None:
        self._opened.__exit__(None, None, None)
        self._folder.cleanup()

    def _ever(self, number: int) -> uuid.UUID | None:
        every = list(self.stolen)
        return every[number % len(every)] if every else None

    def _forget(self, who: int, lot: int | None = None) -> None:
        for book in (self.waiting, self.opened):
            for name in [name for name, one in book.items() if one[0] == who and lot in {None, one[1]}]:
                del book[name]

    @rule(who=newcomer, lot=place)
    def sends(self, who: int, lot: int) -> None:
        held = [*self.waiting.values(), *self.opened.values()]
        may = not any(one[:2] == (who, lot) and one[2] > self.town.now for one in held)
        may = may and (who, lot) not in self.checked and self.newcomers[who].state == Standing.ACTIVE
        given = {"by": self.newcomers[who], "lot": self.lots[lot], "now": self.town.now}
        try:
            sent = documents.send(self.session, root=self.root, picture=paper(f"{who} {lot}"), **given)
        except Refused:
            assert not may
            return
        assert may
        self._forget(who, lot)
        name = sent.public_id
        self.stolen[name] = (self.root / name.hex[:2] / f"{name}.{SEALED}").read_bytes()
        self.waiting[name] = (who, lot, self.town.now + timedelta(days=7))

    @rule(which=pick, by=administrator)
    def looks(self, which: int, by: int) -> None:
        name = self._ever(which)
        if name is None:
            return
        there = self.waiting.get(name)
        may = there is not None and by != 0 and there[2] > self.town.now
        given = {"by": self.administrators[by], "now": self.town.now}
        try:
            seen = checking.look(self.session, root=self.root, public_id=name, **given)
        except Refused:
            assert not may
            return
        assert may
        assert there is not None
        assert seen.picture == paper(f"{there[0]} {there[1]}").big
        self.opened[name] = (*self.waiting.pop(name), by)

    @rule(which=pick, by=administrator, yes=st.booleans())
    def decides(self, which: int, by: int, yes: bool) -> None:
        name = self._ever(which)
        if name is None:
            return
        there = self.opened.get(name)
        may = there is not None and there[3] == by and there[2] > self.town.now
        given = {"public_id": name, "said": "Vu.", "by": self.administrators[by], "now": self.town.now}
        try:
            if yes:
                checking.accept(self.session, **given)
            else:
                checking.refuse(self.session, why=Why.OLD, words="", **given)
        except Refused:
            assert not may
            return
        assert may
        who, lot, *_ = self.opened.pop(name)
        if yes:
            self.checked.add((who, lot))

    @rule(which=pick, who=newcomer)
    def takes_back(self, which: int, who: int) -> None:
        name = self._ever(which)
        if name is None:
            return
        there = self.waiting.get(name) or self.opened.get(name)
        may = there is not None and there[0] == who and there[2] > self.town.now
        try:
            documents.withdraw(self.session, public_id=name, by=self.newcomers[who], now=self.town.now)
        except Refused:
            assert not may
            return
        assert may
        self.waiting.pop(name, None)
        self.opened.pop(name, None)

    @rule(who=newcomer, lot=place)
    def moves_out(self, who: int, lot: int) -> None:
        moving.move_out(self.session, resident=self.newcomers[who], lot=self.lots[lot], now=self.town.now)
        self._forget(who, lot)
        self.checked.discard((who, lot))

    @rule(who=newcomer)
    def is_locked_and_given_back(self, who: int) -> None:
        given = {"resident": self.newcomers[who], "by": self.administrators[1], "now": self.town.now, "reason": "Non."}
        try:
            suspensions.suspend(self.session, rule=Rule.LAW, **given)
        except Refused:
            return
        suspensions.reinstate(self.session, **given)
        self._forget(who)

    @rule(hours=st.sampled_from([1, 60, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.town.later(hours=hours)

    @rule()
    def the_hour_strikes(self) -> None:
        checking.end_due(self.session, now=self.town.now)
        documents.sweep_files(self.session, root=self.root, now=self.town.now + timedelta(days=3650))
        kept = {uuid.UUID(one.name.partition(".")[0]) for one in self.root.rglob(f"*.{SEALED}")}
        assert kept == {name for name, one in self.waiting.items() if one[2] > self.town.now}

    @invariant()
    def what_was_seen_or_ended_is_read_by_nobody(self) -> None:
        self.session.expire_all()
        keys = {one.public_id: one.key for one in self.session.scalars(select(Document)) if one.key is not None}
        assert keys.keys() <= self.waiting.keys()
        for name, sealed in self.stolen.items():
            assert name in self.waiting or not any(reads(sealed, name=name, key=key) for key in keys.values())

    @invariant()
    def only_a_yes_opens(self) -> None:
        for number, somebody in enumerate(self.newcomers):
            strong = assurance.strong_in(self.session, resident_id=somebody.id)
            expected = {self.lots[lot].id for who, lot in self.checked if who == number}
            assert strong == expected
            known = assurance.of_resident(self.session, resident_id=somebody.id)
            assert {one.kind for one in known} <= {Kind.CHECKED.value}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestLife.pytestmark = [pytest.mark.timeout(600)]
