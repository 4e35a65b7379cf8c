"""The detector itself: every column has a canary, every table names real columns, and every way of writing is found."""

import base64
import datetime
import gzip
import json
import uuid
import zlib
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote

import pytest

from tests.town import canaries
from tests.town.canaries import Canary
from tests.town.proofs import encodings, readers
from tests.town.proofs.haystacks import Haystack
from tests.town.proofs.searching import Search
from web import tables

NAME = "Éloïse c0ffee5ad1ce & sœur"
COLUMNS = {canaries.name_of(column): column for table in tables.HOME.sorted_tables for column in table.columns}
VALUES: dict[str, object] = {
    "a name": NAME,
    "an e-mail address": "c0ffee5ad1ce@canary.example",
    "a telephone number": "+33699912345",
    "a file name": "c0ffee5ad1ce.jpg",
    "a key": 7_070_123_456_789_012_345,
    "a small number": 707_123_456,
    "a coordinate": 43.299917,
    "a decimal": Decimal("5.380213"),
    "an id": uuid.UUID("6f9619ff-8b86-4011-b42d-00c04fc964ff"),
    "a moment": datetime.datetime(1907, 7, 5, 3, 2, 1, tzinfo=datetime.UTC),
    "a day": datetime.date(1907, 7, 5),
    "bytes": bytes(range(100, 124)),
}
PLANTED = [
    pytest.param(value, form, id=f"{what}, {form.name}") for what, value in VALUES.items() for form in encodings.forms(value)
]


def look(data: bytes, value: object) -> list[str]:
    search = Search([Canary(column="resident.last_name", value=value)])
    stack = Haystack(channel="request", place="somewhere", reader=readers.OUTSIDE, data=data)
    return [one.form for one in search.find([stack])]


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_home_column_has_a_canary(name: str) -> None:
    value = canaries.mark(COLUMNS[name])
    assert value is not None
    assert not canaries.is_searchable(value) or encodings.forms(value)


def test_no_canary_is_like_another() -> None:
    column = COLUMNS["resident.last_name"]
    marked = [Canary(column="resident.last_name", value=canaries.mark(column)).sought for _ in range(50)]
    assert len(set(marked)) == 50


def test_the_literal_tables_name_real_columns() -> None:
    tabled = set().union(*readers.MAY_SEE.values()) | readers.AT_HOME | readers.ON_THE_WALL | readers.NEVER
    assert tabled <= set(COLUMNS)
    assert set(canaries.WORDS) | canaries.KEPT | canaries.TOLD | canaries.ADDRESSES <= set(COLUMNS)


def test_nobody_may_see_a_key_or_a_hash() -> None:
    seen = set().union(*readers.MAY_SEE.values())
    assert not [one for one in seen if one.endswith(("_hash", "email", "selector", "_key"))]
    # The board's paging shows one internal key, to those who may read that board (decision 0005).
    assert {one for one in seen if one.endswith(".id")} == {"notice.id"}


@pytest.mark.parametrize(("value", "form"), PLANTED)
def test_every_way_of_writing_is_found(value: object, form: encodings.Form) -> None:
    assert form.name in look(b'<a href="/x/' + form.needle + b'.jpg">', value)
    assert form.name in look(b"x: " + form.needle.upper() + b";", value)


def test_nothing_is_found_where_nothing_is() -> None:
    text = json.dumps({"id": str(uuid.uuid4()), "digest": base64.b64encode(uuid.uuid4().bytes).decode()}).encode()
    for value in VALUES.values():
        assert not look(text * 20, value)


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zlib.compress,
        lambda data: zlib.compress(data, wbits=-15),
        lambda data: base64.b64encode(gzip.compress(data)),
        lambda data: base64.urlsafe_b64encode(zlib.compress(data)),
        lambda data: b'{"x": "' + base64.b64encode(b'{"name": "' + data + b'"}') + b'"}',
        lambda data: base64.b64encode(base64.b64encode(base64.b64encode(data))),
        lambda data: zlib.compress(data).hex().encode(),
        lambda data: base64.encodebytes(gzip.compress(b"%r" % list(range(90)) + data)),
        lambda data: b"\x89PNG....zTXtComment\0\0" + zlib.compress(data) + b"IEND",
        lambda data: b"%PDF-1.7 stream\n" + zlib.compress(b"BT (" + data + b") Tj ET") + b"\nendstream",
        lambda data: gzip.compress(b"first") + gzip.compress(data),
        lambda data: quote(data).encode(),
        lambda data: json.dumps(data.decode()).encode(),
    ],
)
def test_what_is_packed_is_unpacked(pack: Callable[[bytes], bytes]) -> None:
    assert look(pack(f"a line before\nher name is {NAME}, he said".encode()), NAME)


def test_a_cut_text_is_found_by_its_head() -> None:
    value = canaries.word("notice.title") * 3
    assert look(f"{value[:20]}…".encode(), value)
    assert not look(value[4:12].encode(), value)


def test_a_short_hash_counts_as_a_word_of_its_own_only() -> None:
    short = next(one for one in encodings.forms(NAME) if one.name == "sha256, shortened").needle
    assert look(b"/avatar/" + short + b".png", NAME)
    assert not look(b"/notices/" + short + b"-8b86-4011-b42d-00c04fc964ff", NAME)
    assert not look(b"00" + short + b"00", NAME)


def test_somebody_else_than_the_table_names_may_not_see_it() -> None:
    canary = Canary(column="resident.first_name", value="x")
    assert readers.may_see(readers.ELSEWHERE, canary)
    assert not readers.may_see(readers.OUTSIDE, canary)
    assert not readers.may_see("somebody nobody has heard of", canary)
    assert not readers.may_see(readers.ADMINISTRATOR, Canary(column="resident.totp_secret", value="x"))
    own = Canary(column="resident.email", value="x", owner=7)
    assert readers.may_see(readers.ELSEWHERE, own, resident=7)
    assert not readers.may_see(readers.ADMINISTRATOR, own, resident=8)
    assert not readers.may_see(readers.ELSEWHERE, Canary(column="resident.password_hash", value="x", owner=7), resident=7)
