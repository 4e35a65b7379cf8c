"""The parts of our documents that the code knows better: `python -m tests.house.generated` writes them anew.

Such a part stands between `<!-- generated: name -->` and `<!-- end -->`; a test compares it with the code.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from instance import privacy
from tests.activitypub.readers import acceptance
from tests.house import samples
from web import cli, settings

ROOT = Path(__file__).parents[2]
PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def documents() -> list[Path]:
    """Every document of ours, the root's first."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def _default(setting: settings.Setting) -> str:
    if setting.default is None:
        return "must be given"
    return f"`{setting.default}`" if setting.default else "see its meaning"


def settings_table() -> str:
    """Every setting: name, meaning, what it wants, default, and whether the federation side must not be given it."""
    rows = [
        f"| `{one.name}` | {one.meaning} | {one.wants} | {_default(one)} | {'home' if one.home_only else 'both'} |"
        for one in settings.TABLE
    ]
    return "\n".join(["| setting | meaning | wants | default | side |", "|---|---|---|---|---|", *rows])


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f"`{column}`" for column in sorted(columns))


def register_table() -> str:
    """Every table of the home store: its columns, why they are kept, how long."""
    rows = [
        f"| `{table}` | {_names(entry.columns)} | {entry.purpose} | {entry.kept} |"
        for table, entry in privacy.REGISTER.items()
    ]
    return "\n".join(["| table | columns | purpose | kept |", "|---|---|---|---|", *rows])


def verbs() -> Iterator[tuple[str, click.Command]]:
    """Every command that belongs to a noun, with the words that call it."""
    root = click.Context(cli.palier, info_name="palier")
    for name in cli.COMMANDS:
        noun = cli.palier.get_command(root, name)
        if isinstance(noun, click.Group):
            yield from ((f"{name} {verb}", command) for verb, command in noun.commands.items())


def _help(of: object) -> str:
    # The English as it stands in the source, whatever the terminal speaks.
    return str(getattr(of, "_help", None) or "").rstrip(".")


def _usage(words: str, command: click.Command) -> str:
    context = click.Context(command)
    given = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
    return " ".join(["palier", words, *given]).replace("|", "\\|")


def _option(option: click.Option, command: click.Command) -> str:
    value = "" if option.is_flag else " " + option.make_metavar(click.Context(command)).replace("|", "\\|")
    needed = " (must be given)" if option.required else ""
    return f"`{option.opts[0]}{value}` {_help(option)}{needed}"


def commands_table() -> str:
    """Every command of every noun: how it is called, what it does, its options."""
    rows = []
    for words, command in verbs():
        options = [one for one in command.params if isinstance(one, click.Option) and one.opts[0] != "--json"]
        said = "<br>".join(_option(one, command) for one in options) or "–"
        rows.append(f"| `{_usage(words, command)}` | {_help(command)} | {said} |")
    return "\n".join(["| command | does | options |", "|---|---|---|", *rows])


def parts() -> dict[str, str]:
    """Every generated part by its name."""
    return {
        "settings": settings_table(),
        "register": register_table(),
        "commands": commands_table(),
        **acceptance.tables(),
        **samples.blocks(),
    }


def brought_up_to_date(text: str) -> str:
    """A document with its generated parts as the code has them now. Raises KeyError for an unknown name."""
    known = parts()
    return PART.sub(lambda found: f"{found[1]}{known[found[2]]}\n{found[4]}", text)


def main() -> int:
    """Write every generated part anew; says which documents changed."""
    for path in documents():
        before = path.read_text("utf-8")
        after = brought_up_to_date(before)
        if after != before:
            path.write_text(after, "utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
