"""Twilio Functions: finds what is deployed behind a URL and runs that JavaScript in Node.

Source of the rules: Serverless v1. A domain belongs to an environment; the environment's active build says which version
answers which path; a protected path wants Twilio's signature, a private one cannot be called from outside.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from rehearsal.caller.problem import CallProblem
from rehearsal.caller.runtime import Endless, Ran, Runtime, run
from rehearsal.caller.twilio_account import TwilioAccount


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
    log: list[tuple[str, str]] = field(default_factory=list, repr=False)

    @property
    def parsed(self) -> Any:
        """The JSON body, or None: Studio fills `parsed` for JSON answers only."""
        if "application/json" not in self.content_type:
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None


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
    runtime = Runtime(deployed.source, deployed.path, context)
    headers = {"x-twilio-signature": signature, "user-agent": "TwilioProxy/1.1"} if signature else {}
    try:
        ran = run(runtime, parameters, headers, seconds=seconds)
    except Endless:
        return Answer(504, "text/plain", "", f"function {deployed.name} took more than {seconds:g} s")
    return _answer(account, deployed, ran)


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


def _answer(account: TwilioAccount, deployed: Deployed, ran: Ran) -> Answer:
    kind = ran.header("content-type") or "text/plain"
    if ran.error:
        # An exception's text can quote a header; the account's token must not travel into reports.
        cause = ran.error.replace(account.auth_token, "[secret]")
        for value in deployed.variables.values():
            cause = cause.replace(value, "[variable]") if len(value) > 40 else cause
        verb = "" if cause.startswith("ended ") else "threw "
        return Answer(ran.status, kind, ran.body, f"function {deployed.name} {verb}{cause}", ran.log)
    reason = "" if 200 <= ran.status < 400 else f"function {deployed.name} answered {ran.status}"
    return Answer(ran.status, kind, ran.body, reason, ran.log)
