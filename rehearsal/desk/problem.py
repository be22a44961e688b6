"""What keeps the desk from working, in words."""

from __future__ import annotations


class DeskProblem(Exception):
    """The cause as a person would say it; names the page, the record or the property, never a secret."""
