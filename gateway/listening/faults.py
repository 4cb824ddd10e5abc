"""What can be wrong with what the listening tests are given; apart, so that a server without them needs no SQLite."""

from __future__ import annotations


class BadScenarios(Exception):
    """The file of scenarios cannot be used; the message says where, what was got and what was expected."""


class BadStore(Exception):
    """The file for the answers cannot be used."""
