"""Studio's Liquid: what `{{trigger.…}}`, `{{widgets.…}}` and `{{flow.variables.…}}` mean during a call, and its filters.

Liquid's standard filters and Studio's own `to_json`; a loop turns fifteen times at most; "now" is Pacific time. Sources:
Studio's user guide (Liquid, FAQ: limits), help article 4413699936411.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liquid import Environment
from liquid.exceptions import LiquidError
from liquid.filter import with_environment
from liquid.undefined import Undefined

from rehearsal.caller.problem import CallProblem

# What this library has beyond Liquid 4: Studio knows none of it.
_FOREIGN_FILTERS = re.compile(r"base64_\w+|escapejs|find|find_index|has|reject|remove_last|replace_last|safe|squish|sum")
_FOREIGN_TAGS = re.compile(r"doc|echo|ifchanged|include|liquid|render")
_MOST_TURNS = 15


class _Studio(Environment):
    loop_iteration_limit = _MOST_TURNS


def _environment() -> Environment:
    environment = _Studio()
    environment.filters = {name: each for name, each in environment.filters.items() if not _FOREIGN_FILTERS.fullmatch(name)}
    environment.tags = {name: each for name, each in environment.tags.items() if not _FOREIGN_TAGS.fullmatch(name)}
    environment.filters["to_json"] = _to_json
    date = environment.filters["date"]

    @with_environment
    def studio_date(value: Any, *form: Any, environment: Environment) -> Any:
        return date(_moment(value), *form, environment=environment)

    environment.filters["date"] = studio_date
    return environment


def _to_json(value: Any) -> str:
    return "null" if isinstance(value, Undefined) else json.dumps(value)


def _moment(value: Any) -> Any:
    """`now` and `today`, which Liquid lets be text, on Studio's clock."""
    return datetime.now(_zone()) if isinstance(value, str) and value.strip().lower() in ("now", "today") else value


def _zone() -> tzinfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:  # a machine without a time zone database
        return timezone(timedelta(hours=-8), "PST")


class LiquidContext:
    """The values of one call. What is not there renders as nothing, as in Studio."""

    def __init__(self, call: dict[str, str], flow_sid: str, execution_sid: str = "") -> None:
        self._environment = _environment()
        self._widgets: dict[str, Any] = {}
        self._variables: dict[str, Any] = {}
        self._values = {
            "trigger": {"call": call},
            "contact": {"channel": {"address": call["From"]}},
            "flow": {
                "sid": execution_sid,
                "flow_sid": flow_sid,
                "channel": {"address": call["To"]},
                "variables": self._variables,
            },
            "widgets": self._widgets,
        }

    def render(self, template: str) -> str:
        """Raises CallProblem quoting what Liquid says; the template itself is not quoted whole."""
        try:
            return self._environment.from_string(template).render(**self._values)
        except LiquidError as error:
            raise CallProblem(f"Liquid refuses a text of the flow: {str(error).splitlines()[0]}") from None

    def rendered(self, pairs: list[dict[str, Any]] | None) -> dict[str, str]:
        """`[{"key", "value"}]` as Studio writes parameters, rendered."""
        return {self.render(str(each["key"])): self.render(str(each.get("value", ""))) for each in pairs or []}

    def set_widget(self, name: str, outputs: dict[str, Any]) -> None:
        """A widget that runs again keeps what its new outputs do not name; `parsed` is merged likewise."""
        former = self._widgets.get(name, {})
        if "parsed" in outputs and isinstance(former.get("parsed"), dict):
            outputs = {**outputs, "parsed": {**former["parsed"], **outputs["parsed"]}}
        self._widgets[name] = {**former, **outputs}

    def set_variables(self, pairs: list[dict[str, Any]] | None) -> dict[str, Any]:
        """Set Variables: `[{"key", "value", "type"?}]`. A number is one, unless it stands in quotes; type "object" is JSON.

        Keys are no Liquid. Raises CallProblem for what should be JSON and is not.
        """
        made = {str(each["key"]): self._variable(each) for each in pairs or []}
        self._variables.update(made)
        return made

    def _variable(self, pair: dict[str, Any]) -> Any:
        text = self.render(str(pair.get("value", ""))).strip()
        if pair.get("type") == "object":
            try:
                return json.loads(text)
            except ValueError:
                raise CallProblem(f"variable {pair['key']} is to be a JSON object and is none") from None
        if re.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?", text):
            return float(text) if "." in text else int(text)
        quoted = re.fullmatch(r'"([^"]*)"', text)
        return quoted.group(1) if quoted else text
