"""`palier doctor`: prints every finding with its way out."""

import os
import sys

import click

from web import doctor
from web.settings import Settings


@click.command()
def command() -> None:
    """Look everything over; the exit status says whether all is well."""
    well = True
    for finding in doctor.examine(Settings.read(os.environ)):
        well = well and finding.well
        click.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.check}: {finding.said}")
        if not finding.well and finding.way_out:
            click.echo(f"        -> {finding.way_out}")
    sys.exit(0 if well else 1)
