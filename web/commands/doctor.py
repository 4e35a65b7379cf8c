"""`palier doctor`: prints every finding with its way out."""

import dataclasses
import os
import sys

import click

from web import doctor
from web.doctor import Finding
from web.settings import Settings
from web.terminal import printing, spoken
from web.terminal.language import say_later
from web.terminal.spoken import Command


@click.command(cls=Command, help=say_later("Look everything over; the exit status says whether all is well."))
@spoken.as_json
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
        click.echo(printing.encode({"well": well, "findings": findings}))
    sys.exit(0 if well else 1)


def _tell(finding: Finding) -> None:
    click.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.check}: {finding.said}")
    if not finding.well and finding.way_out:
        click.echo(f"        -> {finding.way_out}")
