"""The Alembic environment of the home store."""

from web.migrations import environment

environment.run("home")
