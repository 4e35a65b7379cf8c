"""What this software is, for those who ask (NodeInfo 2.1 and 2.0, FEP-f1d5); never how many people live here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from activitypub.context import ACTIVITYSTREAMS

VERSIONS: Final = ("2.1", "2.0")
SCHEMA: Final = "http://nodeinfo.diaspora.software/ns/schema/"


def media_type(version: str) -> str:
    """The content type of a document of ``version``."""
    return f'application/json; profile="{SCHEMA}{version}#"'


def well_known(*, origin: str) -> dict[str, object]:
    """Where our documents are, and who the Application is (FEP-2677)."""
    links = [{"rel": SCHEMA + version, "href": f"{origin}/nodeinfo/{version}"} for version in VERSIONS]
    return {"links": [*links, {"rel": f"{ACTIVITYSTREAMS}#Application", "href": f"{origin}/actor"}]}


def document(
    *,
    version: str,
    software_version: str,
    name: str,
    description: str = "",
    source_url: str | None = None,
    open_registrations: bool = False,
    staff: Sequence[str] = (),
) -> dict[str, object]:
    """The document of ``version``. The usage counts are left out: in a small place a count is about somebody."""
    software = {"name": "palier", "version": software_version}
    if source_url is not None and version != "2.0":  # 2.0 allows no further property
        software["repository"] = source_url
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": open_registrations,
        "usage": {"users": {}},
        "metadata": {
            "nodeName": name,
            "nodeDescription": description,
            "staffAccounts": list(staff),
            "federation": {"enabled": True},
        },
    }
