"""A deployment as DeployResult: once as values, written as JSON here and as XML by the SOAP API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rehearsal.salesforce.deploy import Options
from rehearsal.salesforce.metadata.state import Deployment, Deployments
from rehearsal.salesforce.org import Org


def options(given: Options) -> dict[str, Any]:
    values = asdict(given)
    return {**values, "runTests": list(given.runTests)}


def deploy_result(org: Org, deployments: Deployments, deployment: Deployment, details: bool) -> dict[str, Any]:
    outcome, chosen = deployment.outcome, deployment.options
    failures = outcome.failures if outcome else []
    if outcome:
        deployed = sum(1 for each in outcome.successes if each.fullName != "package.xml")
    else:
        deployed = int(deployment.total * deployments.progress(deployment))
    result: dict[str, Any] = {
        "checkOnly": chosen.checkOnly,
        "createdBy": deployment.user_id[:15],
        "createdByName": org.table("User")[deployment.user_id]["Name"],
        "createdDate": deployment.created,
        "done": deployment.done,
        "id": deployment.id,
        "ignoreWarnings": chosen.ignoreWarnings,
        "lastModifiedDate": deployment.completed or deployment.started or deployment.created,
        "numberComponentErrors": len(failures),
        "numberComponentsDeployed": deployed,
        "numberComponentsTotal": deployment.total,
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "rollbackOnError": chosen.rollbackOnError,
        "runTestsEnabled": chosen.testLevel != "NoTestRun",
        "status": deployment.status,
        "success": deployment.status == "Succeeded",
    }
    if deployment.started:
        result["startDate"] = deployment.started
    if deployment.completed:
        result["completedDate"] = deployment.completed
    if deployment.status == "InProgress":
        result["stateDetail"] = f"Working, {deployments.progress(deployment):.0%}"
    if deployment.canceled_by:
        result["canceledBy"] = deployment.canceled_by[:15]
        result["canceledByName"] = org.table("User")[deployment.canceled_by]["Name"]
    if outcome and outcome.error:
        result["errorStatusCode"], result["errorMessage"] = outcome.error
    if details:
        result["details"] = {
            "componentFailures": [asdict(each) for each in failures],
            "componentSuccesses": [asdict(each) for each in outcome.successes] if outcome else [],
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0},
        }
    return result


def request(org: Org, deployments: Deployments, deployment: Deployment, details: bool, base: str) -> dict[str, Any]:
    return {
        "id": deployment.id,
        "url": f"{base}/{deployment.id}",
        "deployOptions": options(deployment.options),
        "deployResult": deploy_result(org, deployments, deployment, details),
    }
