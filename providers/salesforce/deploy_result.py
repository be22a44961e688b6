"""What Salesforce tells of a deployment that ended: success, or every reason why nothing was changed.

Only `success` with the status Succeeded is success; SucceededPartial, Canceled and FinalizingFailed are failures.
Source: Metadata API, DeployResult.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from providers.handler import VendorError
from providers.salesforce.sign_in import VENDOR

Result = Mapping[str, Any]
Member = tuple[str, str]

_SHOWN, _LONGEST_PROBLEM = 20, 600
# Of the other ends nothing stays.
_CHANGED = {"SucceededPartial": "a part of it was changed", "FinalizingFailed": "how much of it was changed is not told"}
_LOCKED = re.compile(r"UNABLE_TO_LOCK_ROW|unable to obtain exclusive access|SERVER_UNAVAILABLE|ALREADY_IN_PROCESS", re.IGNORECASE)


class DeploymentFailed(VendorError):
    """Nothing was changed. problems: one text per failed component or test, those without a component first.

    passing: every problem is one that goes by, as somebody else's lock.
    """

    def __init__(self, cause: str, problems: tuple[str, ...], remedy: str) -> None:
        self.problems = problems
        self.passing = bool(problems) and all(_LOCKED.search(each) for each in problems)
        super().__init__(VENDOR, cause, remedy)


def succeeded(result: Result) -> bool:
    """Whether all of it was done."""
    return result.get("success") is True and result.get("status") == "Succeeded"


def ids(result: Result) -> dict[Member, str]:
    """Ids of the components by (type, name), as far as Salesforce told them."""
    rows = _several((result.get("details") or {}).get("componentSuccesses"))
    return {(each.get("componentType") or "", each["fullName"]): each.get("id") or "" for each in rows}


def names(result: Result) -> set[str]:
    """Full names of all components that it was about; package.xml and its like are none."""
    details = result.get("details") or {}
    rows = (*_several(details.get("componentSuccesses")), *_several(details.get("componentFailures")))
    return {each["fullName"] for each in rows if each.get("componentType") and each.get("fullName")}


def failure(number: str, result: Result, what: str, hide: Callable[[str], str], where: str) -> DeploymentFailed:
    """The error for a deployment that did not succeed. where: the page on which the org shows deployments."""
    details = result.get("details") or {}
    problems = sorted(map(_problem, _several(details.get("componentFailures"))), key=_place)
    tests = details.get("runTestResult") or {}
    problems += sorted(_test_problem(each) for each in _several(tests.get("failures")))
    problems += sorted(f"code coverage: {each.get('message')}" for each in _several(tests.get("codeCoverageWarnings")))
    if message := result.get("errorMessage"):
        code = result.get("errorStatusCode")
        problems.insert(0, f"{message} ({code})" if code else str(message))
    warnings = [
        f"warning: {_problem(each)}" for each in _several(details.get("componentSuccesses")) if each.get("problem")
    ]
    told = [hide(each)[:_LONGEST_PROBLEM] for each in (*problems, *sorted(warnings, key=_place))]
    status = result.get("status", "Failed")
    stopped = status == "Canceled" and not told
    shown = "; ".join(told[:_SHOWN]).rstrip(".") or ("somebody stopped it" if stopped else "Salesforce gives no reason")
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    by = f" by {result['canceledByName']}" if result.get("canceledByName") else ""
    nothing = "nothing was validated" if result.get("checkOnly") else _CHANGED.get(status, "nothing was changed")
    # What is there already is not sent again; a run after a stop needs nothing else.
    then = "run again" if stopped else "put right what is named, and run again" if told else "run again when the record tells why"
    return DeploymentFailed(
        f"the deployment of {what} ended as {status}{by}, {nothing}: {shown}{more}.",
        tuple(told[: len(problems)]),
        f"{then}; the full record of {number} is at {where}",
    )


def hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that takes secrets out of a text, as they are and as XML writes them."""
    forms = {form for each in secrets if each for form in (each, escape(each), escape(each, {'"': "&quot;", "'": "&apos;"}))}
    known = sorted(forms, key=len, reverse=True)

    def hide(text: str) -> str:
        for each in known:
            text = text.replace(each, "[secret]")
        return text

    return hide


def _problem(row: Result) -> str:
    place = f"{row.get('fileName') or row.get('fullName') or 'package'}"
    if row.get("lineNumber"):
        place += f":{row['lineNumber']}" + (f":{row['columnNumber']}" if row.get("columnNumber") else "")
    name = f"{row.get('componentType') or ''} {row.get('fullName') or ''}".strip()
    return f"{place} [{name}] {row.get('problem') or 'no problem text'}"


def _place(problem: str) -> list[Any]:
    """Sorts by file and then by line as a number."""
    return [(each.isdigit(), int(each) if each.isdigit() else 0, each) for each in problem.partition(" [")[0].split(":")]


def _test_problem(row: Result) -> str:
    return f"test {row.get('name')}.{row.get('methodName')}: {row.get('message')}"


def _several(rows: Any) -> list[Result]:
    """Salesforce gives one row as an object and several as a list."""
    if rows is None:
        return []
    return [rows] if isinstance(rows, Mapping) else list(rows)
