"""What another host answered, judged: where a redirect may lead, what counts as a document, when to come back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urldefrag, urljoin

from federation import policy
from federation.base import AS2, Unreachable

PROFILE = "https://www.w3.org/ns/activitystreams"
SHORTEST_RETRY_AFTER = timedelta(seconds=1)
LONGEST_RETRY_AFTER = timedelta(hours=24)


def read_retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """Read seconds or an HTTP date (RFC 9110 §10.2.3) as 1 s to 24 h; None when absent or unreadable."""
    if value is None:
        return None
    if value.strip().isdecimal() and len(value) < 10:
        return _within_reason(timedelta(seconds=int(value)))
    try:
        wait = parsedate_to_datetime(value) - now
    except (ValueError, TypeError):
        return None
    return _within_reason(wait)


def _within_reason(wait: timedelta) -> timedelta:
    return min(max(wait, SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)


def next_hop(url: str, head: Mapping[str, str]) -> str:
    """Where a redirect leads. Raises Unreachable when that is another origin."""
    target = urldefrag(urljoin(url, head.get("location", ""))).url
    if not policy.same_origin(url, target):
        raise Unreachable("a redirect to another host", transient=False)
    return target


def demand_success(status: int) -> None:
    """Raise Unreachable for anything but 200, saying whether it is worth another try."""
    if status != 200:
        transient = status in {401, 408, 425, 429} or status >= 500
        msg = f"answered {status}"
        raise Unreachable(msg, transient=transient, status=status)


def demand_plain(head: Mapping[str, str]) -> None:
    """Refuse what was compressed on the way: its size would be another than the one that was read."""
    if head.get("content-encoding", "identity").lower() != "identity":
        raise Unreachable("a compressed document, though none was asked for", transient=False)


def demand_type(head: Mapping[str, str], wanted: tuple[str, ...]) -> None:
    """Refuse documents that a host may merely be storing for somebody (content-type confusion)."""
    demand_plain(head)
    media, _, parameters = head.get("content-type", "").partition(";")
    media = media.strip().lower()
    if media == "application/ld+json" and wanted == AS2 and PROFILE not in parameters:
        media = ""
    if media not in {entry.partition(";")[0] for entry in wanted}:
        raise Unreachable("a document of another media type", transient=False)
