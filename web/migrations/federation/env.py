"""The Alembic environment of the federation store."""

from web.migrations import environment

environment.run("federation")
