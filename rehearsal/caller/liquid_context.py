"""Studio's Liquid: what `{{trigger.…}}`, `{{widgets.…}}` and `{{flow.variables.…}}` mean during a call."""

from __future__ import annotations

from typing import Any

from liquid import Environment
from liquid.exceptions import LiquidError

from rehearsal.caller.problem import CallProblem


class LiquidContext:
    """The values of one call. What is not there renders as nothing, as in Studio."""

    def __init__(self, call: dict[str, str], flow_sid: str) -> None:
        self._environment = Environment()
        self._widgets: dict[str, Any] = {}
        self._variables: dict[str, str] = {}
        self._values = {
            "trigger": {"call": call},
            "contact": {"channel": {"address": call["From"]}},
            "flow": {"flow_sid": flow_sid, "channel": {"address": call["To"]}, "variables": self._variables},
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
        self._widgets[name] = outputs

    def set_variables(self, variables: dict[str, str]) -> None:
        self._variables.update(variables)
