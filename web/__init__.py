"""The doors: HTTP, job queue and shell. Everything is wired here, nothing is decided here."""

VERSION = "0.1.0"
