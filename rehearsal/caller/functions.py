"""Twilio Functions: finds what is deployed behind a URL and runs that JavaScript in Node.

Source of the rules: Serverless v1. A domain belongs to an environment; the environment's active build says which version
answers which path; a protected path wants Twilio's signature, a private one cannot be called from outside.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from rehearsal.caller.problem import CallProblem
from rehearsal.caller.twilio_account import TwilioAccount

_RUNNER = Path(__file__).with_name("function_runner.js")


@dataclass(frozen=True)
class Deployed:
    """One path of a deployed build."""

    service: dict[str, Any]
    environment: dict[str, Any]
    path: str
    function_sid: str
    visibility: str
    source: str = field(repr=False)
    variables: dict[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.service.get('unique_name')}{self.path}"


@dataclass(frozen=True)
class Answer:
    """What the function's URL answered; `reason` says in words why it is not a success."""

    status: int
    content_type: str
    body: str = field(repr=False)
    reason: str = ""

    @property
    def parsed(self) -> Any:
        """The JSON body, or None: Studio fills `parsed` for JSON answers only."""
        if "application/json" not in self.content_type:
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def node_program() -> str:
    """The Node to run functions with. Raises CallProblem naming the variable when there is none."""
    node = os.environ.get("VOICE_NODE") or shutil.which("node")
    if not node:
        raise CallProblem("there is no Node to run the function with: put node on PATH or its path into VOICE_NODE")
    return node


def deployed_at(account: TwilioAccount, url: str) -> Deployed:
    """The function version that answers `url` now. Raises CallProblem naming the first thing that is missing."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise CallProblem(f"the function's URL must begin with https://, it is {url}")
    service, environment = _environment(account, parts.hostname or "")
    root = f"/v1/Services/{service['sid']}"
    where = f"{service.get('unique_name')} ({environment.get('domain_name')})"
    if not environment.get("build_sid"):
        raise CallProblem(f"nothing is deployed to the function environment {where}")
    build = account.find(f"{root}/Builds/{environment['build_sid']}")
    if build is None or build.get("status") != "completed":
        raise CallProblem(f"build {environment['build_sid']} of {where} is {(build or {}).get('status', 'gone')}")
    versions = {each["path"]: each for each in build.get("function_versions") or []}
    version = versions.get(parts.path)
    if version is None:
        raise CallProblem(f"{where} has no function at {parts.path}; its build has {', '.join(versions) or 'none'}")
    content = account.find(f"{root}/Functions/{version['function_sid']}/Versions/{version['sid']}/Content")
    if content is None:
        raise CallProblem(f"version {version['sid']} of {where}{parts.path} has no content")
    variables = account.list(f"{root}/Environments/{environment['sid']}/Variables", "variables")
    return Deployed(
        service=service,
        environment=environment,
        path=parts.path,
        function_sid=version["function_sid"],
        visibility=version["visibility"].lower(),  # a build tells it in capitals
        source=content["content"],
        variables={each["key"]: each["value"] for each in variables},
    )


def _environment(account: TwilioAccount, domain: str) -> tuple[dict[str, Any], dict[str, Any]]:
    known = []
    for service in account.list("/v1/Services", "services"):
        for environment in account.list(f"/v1/Services/{service['sid']}/Environments", "environments"):
            if environment.get("domain_name") == domain:
                return service, environment
            known.append(environment.get("domain_name", ""))
    raise CallProblem(f"no function environment has the domain {domain}; the account has {', '.join(known) or 'none'}")


def sign(account: TwilioAccount, url: str, parameters: dict[str, str]) -> str:
    """X-Twilio-Signature of a POST, as Studio signs its calls."""
    return RequestValidator(account.auth_token).compute_signature(url, parameters)


def invoke(
    account: TwilioAccount, deployed: Deployed, url: str, parameters: dict[str, str], *, signature: str | None, seconds: float
) -> Answer:
    """What a POST of `parameters` to `url` answers, within `seconds`."""
    refusal = _refusal(account, deployed, url, parameters, signature)
    if refusal:
        return refusal
    context: dict[str, str] = {
        **deployed.variables,
        "DOMAIN_NAME": deployed.environment["domain_name"],
        "PATH": deployed.path,
        "SERVICE_SID": deployed.service["sid"],
        "ENVIRONMENT_SID": deployed.environment["sid"],
    }
    if deployed.service.get("include_credentials"):
        context |= {"ACCOUNT_SID": account.sid, "AUTH_TOKEN": account.auth_token}
    event = {**parameters, "request": {"headers": {"x-twilio-signature": signature or ""}, "cookies": {}}}
    given = {"source": deployed.source, "path": f"{deployed.path}.js", "context": context, "event": event}
    try:
        run = subprocess.run(
            [node_program(), str(_RUNNER)],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            # Nothing of this process's environment: a Function sees its own variables only.
            env={"PATH": os.environ.get("PATH", "")},
        )
    except subprocess.TimeoutExpired:
        return Answer(504, "text/plain", "", f"function {deployed.name} took more than {seconds:g} s")
    except OSError as error:
        raise CallProblem(f"Node could not be started: {error.strerror}") from None
    return _answer(account, deployed, run.stdout, run.returncode)


def _refusal(
    account: TwilioAccount, deployed: Deployed, url: str, parameters: dict[str, str], signature: str | None
) -> Answer | None:
    if deployed.visibility == "private":
        return Answer(403, "text/plain", "", f"function {deployed.name} is private: nothing outside its service may call it")
    if deployed.visibility == "protected" and not RequestValidator(account.auth_token).validate(
        url, parameters, signature or ""
    ):
        return Answer(400, "text/plain", "", f"function {deployed.name} is protected and the signature is not Twilio's")
    return None


def _answer(account: TwilioAccount, deployed: Deployed, stdout: str, returncode: int) -> Answer:
    try:
        result = json.loads(stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return Answer(500, "text/plain", "", f"function {deployed.name} ended (exit code {returncode}) without calling back")
    if "error" in result:
        # An exception's text can quote a header; the account's token must not travel into reports.
        cause = str(result["error"]).replace(account.auth_token, "[secret]")
        for value in deployed.variables.values():
            cause = cause.replace(value, "[variable]") if len(value) > 40 else cause
        return Answer(500, "text/plain", "", f"function {deployed.name} threw {cause}")
    status = int(result["status"])
    headers = {str(name).lower(): str(value) for name, value in result["headers"].items()}
    reason = "" if 200 <= status < 400 else f"function {deployed.name} answered {status}"
    return Answer(status, headers.get("content-type", "text/plain"), str(result["body"]), reason)
