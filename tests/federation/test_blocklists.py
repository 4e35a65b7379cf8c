"""Lists of blocks: read whatever wrote them, looked at first, applied exactly as shown."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from federation import block_plans, blocklists, peers
from federation.base import PeerRefused
from federation.blocklists import Blocklist, Row, Severity
from federation.models import Direction, Follow, FollowState, Peer, PeerState
from tests.federation.neighbours import OURS
from web import stores

OWN = "quartier.ville.example"
HEAD = ",".join(blocklists.HEADER)


def read(text: str | bytes) -> Blocklist:
    return blocklists.read(text if isinstance(text, bytes) else text.encode(), own_host=OWN)


def hosts(found: Blocklist) -> list[tuple[str, str]]:
    return [(row.host, row.severity.value) for row in found.rows]


def whys(found: Blocklist) -> list[tuple[int, str]]:
    return [(one.line, one.why) for one in found.unread]


def test_mastodon_s_table_is_read() -> None:
    text = f"{HEAD}\r\nbad.example,suspend,false,false,Spam,false\r\nloud.example,silence,true,true,,true\r\n"
    found = read(text + "known.example,noop,false,false,,false\r\n")
    assert hosts(found) == [("bad.example", "suspend"), ("loud.example", "silence"), ("known.example", "noop")]
    assert found.rows[0].comment == "Spam"
    assert found.unread == ()


def test_the_exact_header_is_written() -> None:
    assert HEAD == "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate"
    rows = [Row(line=0, host="bad.example", severity=Severity.SUSPEND, comment='Said "no", twice')]
    text = blocklists.write(rows)
    assert text.splitlines()[0] == HEAD
    (again,) = read(text).rows
    assert (again.host, again.severity, again.comment) == ("bad.example", Severity.SUSPEND, 'Said "no", twice')


def test_a_plain_list_is_one_domain_a_line() -> None:
    found = read("# our list\nbad.example\n\n  Worse.Example. \r\nbad.example\n")
    assert hosts(found) == [("bad.example", "suspend"), ("worse.example", "suspend")]
    assert whys(found) == [(5, "twice")]


HOSTILE = {
    "exa***.com": "obfuscated",
    "*.example.com": "wildcard",
    ".example.com": "wildcard",
    "example.com:8080": "port",
    "https://example.com/": "address",
    "user@example.com": "address",
    "[2001:db8::1]": "address",
    "192.0.2.1": "not_a_host",
    "com": "suffix",
    "co.uk": "suffix",
    "gouv.fr": "suffix",
    "straße.example": "two_meanings",
    "a\u200cb.example": "two_meanings",
    "a b.example": "not_a_host",
    "-a.example": "not_a_host",
    "a..example": "not_a_host",
    "x" * 64 + ".example": "not_a_host",
    "a\x00b.example": "not_a_host",
    "=cmd|'/c calc'!a": "address",
    OWN: "own_host",
    "ville.example": "own_host",
}


@pytest.mark.parametrize(("typed", "why"), HOSTILE.items())
@pytest.mark.parametrize("head", ["", HEAD + "\n"])
def test_hostile_rows_are_not_read_and_say_why(typed: str, why: str, head: str) -> None:
    found = read(f"{head}{typed}\ngood.example\n")
    assert hosts(found) == [("good.example", "suspend")]
    assert whys(found) == [(2 if head else 1, why)]


def test_spellings_that_are_fine() -> None:
    found = read(b'\xef\xbb\xbf#domain,#severity\r\n"bad.example","SUSPEND"\r\nm\xc3\xbcll.example,silence\r\n')
    assert hosts(found) == [("bad.example", "suspend"), ("xn--mll-hoa.example", "silence")]
    assert whys(read(f'{HEAD}\n"bad.example,suspend\nother.example,ban\n')) == [(2, "not_a_host"), (3, "severity")]


def test_a_comment_of_several_lines_is_one_and_names_no_host() -> None:
    """As RFC 4180 has it; what else stands in the file is read whatever is wrong with its quotes."""
    text = f'{HEAD}\r\nbad.example,suspend,false,false,"Spam,\r\nfriend.example",false\r\nworse.example,silence\r\n'
    found = read(text)
    assert [(one.line, one.host, one.comment) for one in found.rows] == [
        (2, "bad.example", "Spam, friend.example"),
        (4, "worse.example", ""),
    ]
    assert found.unread == ()


@pytest.mark.parametrize("open_quote", ['"', '"Spam', '"Spam""', '"Spam, "again"'])
def test_a_quote_that_never_ends_takes_no_other_row_along(open_quote: str) -> None:
    for comment in ('"Spam"', '""', '"', "Spam"):
        rest = "".join(f"b{n}.example,suspend,false,false,{comment},false\n" for n in range(3))
        found = read(f"{HEAD}\nbad.example,suspend,false,false,{open_quote}\n{rest}")
        assert [one.host for one in found.rows] == ["bad.example", "b0.example", "b1.example", "b2.example"]


def test_many_quotes_that_never_end_keep_nobody_waiting() -> None:
    found = read(f"{HEAD}\n" + "".join(f'b{n}.example,suspend,,,"\n' for n in range(20_000)))
    assert len(found.rows) == 20_000


FORMULAS = ("=1+1", "+33 4", "-1", "@SUM(A1)", "'=1+1", "''-1", "'quoted'")


@pytest.mark.parametrize("comment", FORMULAS)
def test_no_cell_that_is_written_is_a_formula_and_all_are_read_as_they_were(comment: str) -> None:
    text = blocklists.write([Row(line=0, host="bad.example", severity=Severity.SUSPEND, comment=comment)])
    cells = [cell for row in list(csv.reader(io.StringIO(text)))[1:] for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert [one.comment for one in read(text).rows] == [comment]


def test_the_stricter_of_two_rows_stays() -> None:
    found = read(f"{HEAD}\na.example,silence\na.example,suspend\nb.example,suspend\nb.example,noop\n")
    assert hosts(found) == [("a.example", "suspend"), ("b.example", "suspend")]
    assert whys(found) == [(3, "twice"), (5, "twice")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "blocklist_empty"),
        (b"\r\n \r\n", "blocklist_empty"),
        (b"\xff\xfe", "blocklist_encoding"),
        (b"a" * (blocklists.LARGEST + 1), "blocklist_large"),
        (b"".join(b"a%d.example\n" % n for n in range(20_001)), "blocklist_long"),
    ],
)
def test_a_file_that_is_no_list(data: bytes, code: str) -> None:
    with pytest.raises(PeerRefused) as caught:
        read(data)
    assert caught.value.code == code


def test_a_list_of_the_longest_length() -> None:
    data = HEAD + "\n" + "".join(f"a{n}.example,suspend\n" for n in range(20_000))
    assert len(read(data).rows) == 20_000


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_comes_every_host_is_one_and_every_line_is_accounted_for(data: bytes) -> None:
    try:
        found = read(data)
    except PeerRefused:
        return
    for row in found.rows:
        assert blocklists.host_of(row.host) == row.host
        assert row.host.isascii()
        assert "." in row.host
        assert not OWN.endswith(row.host)
    assert len({row.host for row in found.rows}) == len(found.rows)


_label = st.from_regex(r"[a-z][a-z0-9]{1,8}", fullmatch=True)
_rows = st.lists(
    st.builds(
        Row,
        line=st.just(0),
        host=st.builds("{}.{}.example".format, _label, _label),
        severity=st.sampled_from(Severity),
        comment=st.text(st.characters(categories=["L", "P", "N"]), max_size=40),
    ),
    min_size=1,
    unique_by=lambda row: row.host,
    max_size=20,
)


@given(_rows)
def test_what_is_written_is_read_again(rows: list[Row]) -> None:
    found = read(blocklists.write(rows))
    assert [(one.host, one.severity, one.comment) for one in found.rows] == [
        (one.host, one.severity, one.comment) for one in rows
    ]
    assert found.unread == ()


# --- applied


def plan(town: stores.Store, text: str, *, loosen: bool = False) -> block_plans.Plan:
    with town.read() as session:
        return block_plans.plan(session, data=text.encode(), own_host="127.0.0.2:9999", loosen=loosen)


def apply(town: stores.Store, text: str, now: datetime, *, loosen: bool = False) -> None:
    with town.write.begin() as session:
        found = block_plans.plan(session, data=text.encode(), own_host="127.0.0.2:9999", loosen=loosen)
        block_plans.carry_out(session, plan=found, now=now)


def standing(town: stores.Store) -> dict[str, str]:
    with town.read() as session:
        return {
            one.host: "blocked" if one.state == PeerState.BLOCKED else "limited" if one.limited_at else "open"
            for one in session.scalars(select(Peer))
        }


def test_a_preview_says_what_would_change_and_changes_nothing(town: stores.Store, clock: datetime) -> None:
    with town.write.begin() as session:
        peers.add(session, host="known.localhost", now=clock)
        session.add(
            Follow(
                direction=Direction.OUT,
                own_username="palier",
                remote_uri="https://sub.bad.example/users/x",
                activity_uri=f"{OURS}/actor/follows/1",
                state=FollowState.ACCEPTED,
                created_at=clock,
            )
        )
    text = f"{HEAD}\nbad.example,suspend\nknown.localhost,silence\nfine.example,noop\nbad\n"
    found = plan(town, text)
    assert ([one.host for one in found.new], found.nothing) == (["bad.example", "known.localhost"], 1)
    assert (found.follows_ending, len(found.unread)) == (1, 1)
    assert standing(town) == {"known.localhost": "open"}
    apply(town, text, clock)
    assert standing(town) == {"bad.example": "blocked", "known.localhost": "limited"}
    with town.read() as session:
        assert session.scalars(select(Follow.state)).all() == [FollowState.ENDED]
    again = plan(town, text)
    assert (list(again.new), list(again.changed), again.same) == ([], [], 2)


def test_a_list_loosens_no_block_made_by_hand_unless_told(town: stores.Store, clock: datetime) -> None:
    with town.write.begin() as session:
        peers.block(session, host="bad.example.localhost", note="Injures", now=clock)
    text = "#domain,#severity\nbad.example.localhost,silence\n"
    assert [one.host for one in plan(town, text).kept] == ["bad.example.localhost"]
    apply(town, text, clock)
    assert standing(town) == {"bad.example.localhost": "blocked"}
    apply(town, text, clock, loosen=True)
    assert standing(town) == {"bad.example.localhost": "limited"}
    # What a list did, a list may change.
    apply(town, "#domain,#severity\nbad.example.localhost,suspend\n", clock)
    assert [one.host for one in plan(town, text).changed] == ["bad.example.localhost"]


def test_what_was_shown_is_what_is_applied(town: stores.Store, clock: datetime) -> None:
    data = b"bad.example\n"
    with town.write.begin() as session:
        draft = block_plans.keep(session, data=data, loosen=False, now=clock)
    mark = plan(town, data.decode()).mark
    with town.write.begin() as session, pytest.raises(PeerRefused, match="blocklist_stale"):
        block_plans.apply(session, draft=draft, mark="other", own_host="x.example", now=clock)
    with town.write.begin() as session:
        peers.block(session, host="bad.example", now=clock)
    with town.write.begin() as session, pytest.raises(PeerRefused, match="blocklist_stale"):
        block_plans.apply(session, draft=draft, mark=mark, own_host="x.example", now=clock)
    with town.write.begin() as session:
        later = clock + timedelta(days=1)
        with pytest.raises(PeerRefused, match="blocklist_gone"):
            block_plans.apply(session, draft=draft, mark=mark, own_host="x.example", now=later)


def test_what_is_exported_is_a_table_that_others_read(town: stores.Store, clock: datetime) -> None:
    apply(town, f'{HEAD}\nbad.example,suspend,false,false,"Spam, mostly",false\nloud.example,silence\n', clock)
    with town.write.begin() as session:
        peers.block(session, host="127.0.0.9:8000", note="our own words", now=clock)
    with town.read() as session:
        text = block_plans.export(session)
    assert list(csv.reader(io.StringIO(text))) == [
        list(blocklists.HEADER),
        ["bad.example", "suspend", "false", "false", "Spam, mostly", "false"],
        ["loud.example", "silence", "false", "false", "", "false"],
    ]
    assert "our own words" not in text
