"""Exclusions of the project's logs (Cloud Logging)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.kind import Kind
from rehearsal.google.refusals import Refusal

# One comparison of the Logging query language; AND between them. The language has more, which nothing here needs.
_COMPARISON = r'(NOT )?[A-Za-z_][\w.]*\s*(=~|!~|!=|>=|<=|=|:|>|<)\s*("[^"]*"|[\w.%/-]+)'
_FILTER = re.compile(rf"{_COMPARISON}( AND {_COMPARISON})*")


class Exclusion(Kind):
    type = "gcp:logging/projectExclusion:ProjectExclusion"
    api = "logging.googleapis.com"
    noun = "log exclusion"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return f"projects/{cloud.project}/exclusions/{inputs['name']}"

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        if not _FILTER.fullmatch(inputs["filter"]):
            raise Refusal("invalid", property="filter", why="Unparseable filter: comparisons joined by AND are expected")

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        thing.outputs = {"project": cloud.project}

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [f"projects/{cloud.project}/exclusions/{id.rpartition('/')[2]}"]


KINDS: list[Kind] = [Exclusion()]
