"""The addresses that stand in mails, and the keys that seal them; a test follows each of them through the pages."""

import hashlib
import hmac
import uuid
from enum import StrEnum
from pathlib import Path
from typing import Final

from instance.notices import Notice
from instance.residents import Resident
from web import secret
from web.settings import Settings

SEAL: Final = 32


class Act(StrEnum):
    """What a link of one's own notice does."""

    RENEW = "renew"
    CLOSE = "close"
    EDIT = "edit"


def key(settings: Settings) -> bytes:
    """The key of single-use links."""
    return _derived(settings.secret_key_file, purpose="links in mail")


def card_pepper(settings: Settings) -> bytes:
    """The key under which recovery cards are hashed."""
    return _derived(settings.secret_key_file, purpose="recovery cards")


def _derived(file: Path, *, purpose: str) -> bytes:
    return secret.derive(secret.read(file), purpose=purpose)


def confirm(settings: Settings, *, token: str) -> str:
    """Where an address is confirmed."""
    return f"{settings.origin}/mail/confirm/{token}"


def reset(settings: Settings, *, token: str) -> str:
    """Where a new password is chosen."""
    return f"{settings.origin}/recover/link/{token}"


def conversation(settings: Settings, *, public_id: uuid.UUID) -> str:
    """Where a letter is read."""
    return f"{settings.origin}/conversations/{public_id}"


def loan(settings: Settings, *, public_id: uuid.UUID) -> str:
    """Where a loan is seen to."""
    return f"{settings.origin}/loans/{public_id}"


def booking(settings: Settings, *, public_id: uuid.UUID) -> str:
    """Where a booking is seen to."""
    return f"{settings.origin}/bookings/{public_id}"


def notice(settings: Settings, *, public_id: uuid.UUID) -> str:
    """Where a notice hangs."""
    return f"{settings.origin}/notices/{public_id}"


def kept_searches(settings: Settings) -> str:
    """One's own kept searches, with what they found."""
    return f"{settings.origin}/search/kept"


def recommended(settings: Settings) -> str:
    """The page of what one recommends."""
    return f"{settings.origin}/neighbours/craftsmen/mine"


def account(settings: Settings) -> str:
    """One's own account."""
    return f"{settings.origin}/account"


def known(settings: Settings) -> str:
    """How one is known in one's building."""
    return f"{settings.origin}/account/known"


def decisions(settings: Settings) -> str:
    """What was decided about whoever reads it."""
    return f"{settings.origin}/account/decisions"


def stop(settings: Settings, *, resident: Resident) -> str:
    """Where these mails are stopped, without signing in: it never runs out, because mails are kept for years."""
    return f"{settings.origin}/mail/stop/{resident.public_id}/{_stop_seal(settings, resident.public_id)}"


def opens_stop(settings: Settings, *, public_id: uuid.UUID, seal: str) -> bool:
    """Whether this link was made here for this resident."""
    return hmac.compare_digest(_stop_seal(settings, public_id).encode(), seal.encode())


def _stop_seal(settings: Settings, public_id: uuid.UUID) -> str:
    key = _derived(settings.secret_key_file, purpose="stopping mail")
    return hashlib.blake2b(public_id.bytes, key=key, digest_size=SEAL // 2, person=b"palier-stop").hexdigest()


def act_on(settings: Settings, *, act: Act, notice: Notice) -> str:
    """Where this one thing is done to a notice without signing in; it works until the notice changes."""
    seal = _notice_seal(settings, act=act, public_id=notice.public_id, version=notice.version)
    return f"{settings.origin}/notices/{notice.public_id}/{act}/{seal}"


def opens_notice(settings: Settings, *, act: Act, public_id: uuid.UUID, version: int, seal: str) -> bool:
    """Whether this link was made here, for this act on this version of this notice."""
    made = _notice_seal(settings, act=act, public_id=public_id, version=version)
    return hmac.compare_digest(made.encode(), seal.encode())


def _notice_seal(settings: Settings, *, act: Act, public_id: uuid.UUID, version: int) -> str:
    key = _derived(settings.secret_key_file, purpose="acting on a notice by mail")
    said = b"%s %d %s" % (public_id.bytes, version, act.encode())
    return hashlib.blake2b(said, key=key, digest_size=SEAL // 2, person=b"palier-notice").hexdigest()
