"""What a failed deployment tells: everything that is wrong, in order, with its place, and nothing secret."""

from __future__ import annotations

from typing import Any

import pytest

from providers.salesforce.deploy_result import DeploymentFailed, failure, hider, ids, names, succeeded

FAILED = {"status": "Failed", "success": False}


def row(file: str, line: int | None = None, **other: Any) -> dict[str, Any]:
    name = file.rpartition("/")[2].partition(".")[0]
    place = {"lineNumber": line, "columnNumber": 7} if line else {}
    return {"fileName": file, "fullName": name, "componentType": "FlexiPage", "problem": "is wrong", **place, **other}


def told(result: dict[str, Any], *secrets: str) -> DeploymentFailed:
    return failure("0Af1", {**FAILED, **result}, "the page", hider(secrets), "Setup > Deployment Status")


def test_each_failure_has_file_line_column_type_name_and_problem() -> None:
    error = told({"details": {"componentFailures": [row("flexipages/A.flexipage", 3)]}})
    assert error.problems == ("flexipages/A.flexipage:3:7 [FlexiPage A] is wrong",)
    assert "nothing was changed" in str(error)
    assert "0Af1 is at Setup > Deployment Status" in str(error)


def test_they_are_sorted_by_file_and_line() -> None:
    rows = [row("b/B.x", 1), row("a/A.x", 10), row("a/A.x", 9), row("a/A.x")]
    error = told({"details": {"componentFailures": rows}})
    assert [each.partition(" ")[0] for each in error.problems] == ["a/A.x", "a/A.x:9:7", "a/A.x:10:7", "b/B.x:1:7"]


def test_twenty_are_shown_and_the_rest_is_counted() -> None:
    error = told({"details": {"componentFailures": [row(f"a/{number:02}.x") for number in range(33)]}})
    assert "a/19.x" in str(error) and "a/20.x" not in str(error)
    assert "and 13 more" in str(error)
    assert len(error.problems) == 33


def test_what_failed_before_any_component_comes_first() -> None:
    result = {"errorMessage": "no zip", "errorStatusCode": "INVALID", "details": {"componentFailures": [row("a/A.x")]}}
    assert told(result).problems[0] == "no zip (INVALID)"


def test_warnings_that_fail_a_deployment_are_told() -> None:
    warned = row("a/A.x", 2, success=True, problemType="Warning", problem="rotates the key")
    error = told({"details": {"componentSuccesses": [warned, row("b/B.x", problem=None)]}})
    assert "warning: a/A.x:2:7 [FlexiPage A] rotates the key" in str(error)
    assert "b/B.x" not in str(error)


def test_tests_and_coverage_are_told_by_name() -> None:
    run = {
        "failures": {"name": "PageTest", "methodName": "opens", "message": "no page", "stackTrace": "line 1"},
        "codeCoverageWarnings": [{"message": "70% is too little"}],
    }
    error = told({"details": {"runTestResult": run}})
    assert error.problems == ("test PageTest.opens: no page", "code coverage: 70% is too little")


def test_without_any_reason_that_is_said() -> None:
    assert "Salesforce gives no reason" in str(told({}))


def test_who_canceled_it_is_said() -> None:
    assert "ended as Canceled by Ada Admin" in str(told({"status": "Canceled", "canceledByName": "Ada Admin"}))


def test_a_partial_success_does_not_claim_that_nothing_changed() -> None:
    error = told({"status": "SucceededPartial"})
    assert "a part of it was changed" in str(error) and "nothing" not in str(error)


@pytest.mark.parametrize("problem", ["bad value s3<cr>t", "bad value s3&lt;cr&gt;t"])
def test_a_secret_is_hidden_as_it_is_and_as_xml_has_it(problem: str) -> None:
    error = told({"details": {"componentFailures": row("a/A.x", problem=problem)}}, "s3<cr>t")
    assert "[secret]" in str(error)
    assert "s3" not in str(error)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"status": "Succeeded", "success": True}, True),
        ({"status": "Succeeded", "success": False}, False),
        ({"status": "Succeeded", "success": "true"}, False),
        ({"status": "SucceededPartial", "success": True}, False),
        ({"status": "Succeeded"}, False),
        ({}, False),
    ],
)
def test_only_success_is_success(result: dict[str, Any], expected: bool) -> None:
    assert succeeded(result) is expected


def test_a_lock_of_somebody_else_passes_by() -> None:
    locked = row("a/A.x", problem="UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record")
    assert told({"details": {"componentFailures": [locked]}}).passing
    assert not told({"details": {"componentFailures": [locked, row("b/B.x")]}}).passing
    assert not told({}).passing


def test_names_and_ids_of_the_components() -> None:
    package = {"fileName": "package.xml", "fullName": "package.xml", "componentType": ""}
    result = {"details": {"componentSuccesses": [package, row("a/A.x", id="0M0")], "componentFailures": row("b/B.x")}}
    assert names(result) == {"A", "B"}
    assert ids(result)["FlexiPage", "A"] == "0M0"
