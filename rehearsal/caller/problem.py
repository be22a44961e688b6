"""What is wrong with a call, in words."""

from __future__ import annotations


class CallProblem(Exception):
    """The cause of a failure as a person would say it; names the thing (SID, widget, setting), never a secret."""
