"""Compiles the catalogues while the package is built: what the pages read is made, not kept in the repository."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """One .mo beside each .po; `artifacts` in pyproject.toml takes them along though git ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile before anything is collected."""
        for source in Path(self.root).glob("web/translations/*/LC_MESSAGES/messages.po"):
            with source.open("rb") as lines:
                catalogue = read_po(lines, locale=source.parent.parent.name)
            with source.with_suffix(".mo").open("wb") as out:
                write_mo(out, catalogue)
