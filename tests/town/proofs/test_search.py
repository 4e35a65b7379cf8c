"""The detector itself: every column has a canary, every table names real columns, and every way of writing is found."""

import base64
import datetime as dt
import gzip
import hashlib
import html
import json
import quopri
import re
import unicodedata
import uuid
import zlib
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote, quote_plus

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
    "a moment": dt.datetime(1907, 7, 5, 3, 2, 1, tzinfo=dt.UTC),
    "a day": dt.date(1907, 7, 5),
    "bytes": bytes(range(100, 124)),
}
PLANTED = [
    pytest.param(value, form, id=f"{what}, {form.name}")
    for what, value in VALUES.items()
    for form in encodings.forms(value)
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
    # The board's paging shows one internal key, to those who may read that board (decision 0005). An address's id is
    # the open data's own, printed in the file that everybody can fetch.
    assert {one for one in seen if one.endswith(".id")} == {"notice.id", "address.id"}


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


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


# As programmes write accents, in the midst of letters that they leave as they are.
ACCENTS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, upper case": lambda text: re.sub(r"u[0-9a-f]{4}", lambda one: "u" + one[0][1:].upper(), json.dumps(text)),
    "JSON in a page": lambda text: json.dumps(text)[1:-1].replace("&", "\\u0026"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "percent": lambda text: quote(text, safe=" &"),
    "percent, lower case": lambda text: quote(text, safe=" ").replace("%C3", "%c3").replace("%C5", "%c5"),
    "a form": quote_plus,
    "percent twice": lambda text: quote(quote(text)),
    "decimal entities": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "hex entities": lambda text: "".join(one if one.isascii() else f"&#x{ord(one):x};" for one in html.escape(text)),
    "upper hex entities": lambda text: "".join(one if one.isascii() else f"&#X{ord(one):04X};" for one in text),
    "named entities": lambda text: text.replace("É", "&Eacute;").replace("ï", "&iuml;").replace("œ", "&oelig;"),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode(),
    "Latin, percent": lambda text: quote(text.encode("cp1252"), safe=" &"),
    "decomposed": _decomposed,
    "decomposed, JSON": lambda text: json.dumps(_decomposed(text)),
}


@pytest.mark.parametrize("write", ACCENTS.values(), ids=ACCENTS.keys())
def test_an_accent_is_found_however_a_programme_writes_it(write: Callable[[str], str]) -> None:
    text = f"Madame {NAME}, du troisième (à droite)"
    assert write(text) != text
    assert look(f'{{"a": "b", "name": "{write(text)}", "c": 1}}'.encode(), NAME)


def test_an_accent_outside_the_first_plane_is_found_in_json() -> None:
    assert look(json.dumps({"name": "chez Odile 🏡 voisins"}).encode(), "Odile 🏡 voisins")


def test_a_cut_text_is_found_by_its_head() -> None:
    value = canaries.word("notice.title") * 3
    assert look(f"{value[:20]}…".encode(), value)
    assert not look(value[4:12].encode(), value)


def test_a_hash_of_the_whole_is_found_though_only_the_head_is_looked_for() -> None:
    value = canaries.word("resident.last_name")
    assert look(b'{"k": "' + hashlib.sha256(value.encode()).hexdigest().encode() + b'"}', value)
    assert look(hashlib.md5(value.encode(), usedforsecurity=False).hexdigest().encode(), value)


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
    assert not readers.may_see(
        readers.ELSEWHERE, Canary(column="resident.password_hash", value="x", owner=7), resident=7
    )
