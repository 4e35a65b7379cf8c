"""`palier doctor`: prints every finding with its way out."""

import dataclasses
import json
import os
import sys

import click

from web import doctor
from web.doctor import Finding
from web.settings import Settings
from web.terminal.language import say_later
from web.terminal.spoken import Command, Option


@click.command(cls=Command, help=say_later("Look everything over; the exit status says whether all is well."))
@click.option(
    "--json",
    "as_json",
    cls=Option,
    is_flag=True,
    help=say_later("Print one JSON document instead of text for people."),
)
def command(*, as_json: bool) -> None:
    """Look everything over; the exit status says whether all is well."""
    found = []
    for one in doctor.examine(Settings.read(os.environ)):
        found.append(one)
        if not as_json:
            _tell(one)
    well = all(one.well for one in found)
    if as_json:
        findings = [dataclasses.asdict(one) for one in found]
        click.echo(json.dumps({"well": well, "findings": findings}, ensure_ascii=False, indent=2))
    sys.exit(0 if well else 1)


def _tell(finding: Finding) -> None:
    click.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.check}: {finding.said}")
    if not finding.well and finding.way_out:
        click.echo(f"        -> {finding.way_out}")
