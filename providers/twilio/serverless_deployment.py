"""What runs in an environment of a Function service: the functions' code, built and deployed.

Apart from service, environment and function, whose ids the flow uses: this changes with every change of code, and
nobody depends on its outputs. Twilio has no call to remove an upload or a deployment, so this goes with the service.

Every step looks first for what an earlier, cut-off run has left: an upload of the same code, a build of the same
uploads, a deployment of that build. Source: twilio.com/docs/serverless/api and npm @twilio-labs/serverless-api.
"""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from typing import Any

from twilio.rest import Client
from urllib3 import encode_multipart_formdata

from providers.handler import Fault, Live, Made, Properties, VendorError, known
from providers.twilio.base import TwilioHandler
from providers.twilio.errors import VENDOR, TwilioRefusal
from providers.twilio.serverless_builds import former_build, unused_builds

# The one host of Serverless that Twilio's library does not know.
_UPLOAD = "https://serverless-upload.twilio.com/v1/Services/{service}/Functions/{function}/Versions"
_OLDEST_NODE = 20
_VERSIONS_LOOKED_AT = 5


@dataclass(frozen=True)
class DeployedFunction:
    """path begins with /; visibility: public, protected or private; content: the source text."""

    functionSid: str
    path: str
    visibility: str
    content: str


@dataclass(frozen=True)
class ServerlessDeployment:
    """functions by their friendly names; runtime such as node22."""

    serviceSid: str
    environmentSid: str
    runtime: str
    functions: dict[str, DeployedFunction]


class ServerlessDeploymentHandler(TwilioHandler):
    """Natural key: environmentSid, which is the id too (an environment runs one build). Output: buildSid."""

    Inputs = ServerlessDeployment

    def faults(self, inputs: Properties) -> list[Fault]:
        faults = []
        runtime = inputs.get("runtime")
        number = re.fullmatch(r"node(\d+)", runtime or "")
        if runtime is not None and (number is None or int(number[1]) < _OLDEST_NODE):
            faults.append(Fault("runtime", f"must be node{_OLDEST_NODE} or newer, as Twilio builds no other"))
        for name, function in inputs.get("functions", {}).items():
            if not str(function.get("path", "/")).startswith("/"):
                faults.append(Fault(f"functions.{name}.path", "must begin with /"))
            if function.get("visibility", "public") not in ("public", "protected", "private"):
                faults.append(Fault(f"functions.{name}.visibility", "must be public, protected or private"))
            if not function.get("content", "x").strip():
                faults.append(Fault(f"functions.{name}.content", "is empty"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        build = self._deployed(wanted)
        return Made(wanted.environmentSid, {"buildSid": build.sid}) if build else None

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        return Made(wanted.environmentSid, self._bring_about(wanted))

    def read(self, id: str, state: Properties) -> Live | None:
        ours = self.wanted(state)
        environment = self._environment(ours)
        if environment is None:
            return None
        build = self._deployed(ours)
        inputs = known(ServerlessDeployment, state)
        if build is None:
            return Live({**inputs, "functions": {}}, {"buildSid": ""})
        inputs["functions"] = {name: asdict(function) for name, function in self._functions(ours, build).items()}
        return Live({**inputs, "runtime": build.runtime}, {"buildSid": build.sid})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return self._bring_about(self.wanted(inputs))

    def delete(self, id: str, state: Properties) -> None:
        """Nothing: it goes with the service. An environment without a build would keep callers waiting for an error."""

    def _bring_about(self, wanted: ServerlessDeployment) -> dict[str, Any]:
        if self._environment(wanted) is None:
            remedy = "`pulumi refresh`, then `pulumi up` makes it again"
            raise VendorError(VENDOR, "the Function environment to deploy to is gone.", remedy)
        build = self._deployed(wanted)
        if build is None or build.runtime != wanted.runtime or wanted.functions != self._functions(wanted, build):
            versions = [self._version(wanted.serviceSid, function) for _, function in sorted(wanted.functions.items())]
            build = self._build(wanted, versions)
            self._await(wanted.serviceSid, build.sid)
            self._deploy(wanted, build.sid)
        self._prune(wanted, build.sid)
        return {"buildSid": build.sid}

    def _environment(self, wanted: ServerlessDeployment) -> Any | None:
        service, environment = wanted.serviceSid, wanted.environmentSid
        return self.twilio.found(lambda client: client.serverless.v1.services(service).environments(environment).fetch())

    def _deployed(self, wanted: ServerlessDeployment) -> Any | None:
        environment = self._environment(wanted)
        if environment is None or not environment.build_sid:
            return None
        build = environment.build_sid
        return self.twilio.found(lambda client: client.serverless.v1.services(wanted.serviceSid).builds(build).fetch())

    def _functions(self, wanted: ServerlessDeployment, build: Any) -> dict[str, DeployedFunction]:
        """What a build holds, by the functions' names; code that differs in nothing but line ends is as it was wanted."""
        names = {function.functionSid: name for name, function in wanted.functions.items()}
        held = {}
        for version in build.function_versions or []:
            sid = version["function_sid"]
            name = names.get(sid) or self._name(wanted.serviceSid, sid)
            content = self._content(wanted.serviceSid, sid, version["sid"])
            if name in wanted.functions and _text(content) == _text(wanted.functions[name].content):
                content = wanted.functions[name].content
            held[name] = DeployedFunction(sid, version["path"], version["visibility"].lower(), content)
        return held

    def _name(self, service: str, function: str) -> str:
        found = self.twilio.found(lambda client: client.serverless.v1.services(service).functions(function).fetch())
        return found.friendly_name if found else function

    def _content(self, service: str, function: str, version: str) -> str:
        def fetch(client: Client) -> str:
            versions = client.serverless.v1.services(service).functions(function).function_versions
            return versions(version).function_version_content().fetch().content or ""

        return self.twilio.found(fetch) or ""

    def _version(self, service: str, function: DeployedFunction) -> str:
        """The SID of an upload with this code, path and visibility."""
        parts = [
            ("Path", function.path),
            ("Visibility", function.visibility),
            ("Content", (f"{function.path.strip('/')}.js", function.content.encode(), "application/javascript")),
        ]
        body, content_type = encode_multipart_formdata(parts)
        url = _UPLOAD.format(service=service, function=function.functionSid)

        def find() -> str | None:
            return self._uploaded(service, function)

        return find() or self.twilio.make(lambda client: self.twilio.upload(client, url, body, content_type)["sid"], find)

    def _uploaded(self, service: str, function: DeployedFunction) -> str | None:
        def newest(client: Client) -> list[Any]:
            versions = client.serverless.v1.services(service).functions(function.functionSid).function_versions
            return versions.list(limit=_VERSIONS_LOOKED_AT)

        for version in self.twilio.ask(newest):
            alike = (version.path, version.visibility.lower()) == (function.path, function.visibility)
            if alike and _text(self._content(service, function.functionSid, version.sid)) == _text(function.content):
                return version.sid
        return None

    def _build(self, wanted: ServerlessDeployment, versions: list[str]) -> Any:
        def find() -> Any | None:
            builds = self.twilio.ask(lambda client: client.serverless.v1.services(wanted.serviceSid).builds.list())
            return next((each for each in builds if each.status != "failed" and _holds(each, versions, wanted.runtime)), None)

        def make(client: Client) -> Any:
            builds = client.serverless.v1.services(wanted.serviceSid).builds
            return builds.create(function_versions=versions, runtime=wanted.runtime)

        return find() or self.twilio.make(make, find)

    def _await(self, service: str, build: str) -> None:
        deadline = time.monotonic() + self.twilio.patience.build

        def status(client: Client) -> str:
            return client.serverless.v1.services(service).builds(build).build_status().fetch().status

        while (seen := self.twilio.ask(status)) != "completed":
            if seen == "failed":
                where = "Console > Functions and Assets shows the build's log"
                raise VendorError(VENDOR, "the build of the functions failed: their code does not compile.", where)
            if time.monotonic() > deadline:
                remedy = "run the same command again, it goes on with this build"
                raise VendorError(VENDOR, f"the build {build} is still {seen} after {self.twilio.patience.build:.0f} s.", remedy)
            time.sleep(self.twilio.patience.poll)

    def _deploy(self, wanted: ServerlessDeployment, build: str) -> None:
        def find() -> str | None:
            environment = self._environment(wanted)
            return build if environment is not None and environment.build_sid == build else None

        def make(client: Client) -> str:
            environment = client.serverless.v1.services(wanted.serviceSid).environments(wanted.environmentSid)
            return environment.deployments.create(build_sid=build).build_sid

        try:
            self.twilio.make(make, find)
        except TwilioRefusal as refusal:
            if "already has requested deployment" not in refusal.cause:
                raise

    def _prune(self, wanted: ServerlessDeployment, current: str) -> None:
        """Remove builds that run nowhere, but for the former one: going back to its code then needs no build."""
        service = wanted.serviceSid
        try:
            kept = former_build(self.twilio, service, wanted.environmentSid, current)
            for build in unused_builds(self.twilio, service):
                if build.sid != kept:
                    self.twilio.found(lambda _, build=build: build.delete())
        except VendorError:
            # The functions run by now: a leftover build is no reason to call the deployment failed. The next run tidies.
            return


def _text(content: str) -> str:
    return content.replace("\r\n", "\n").rstrip()


def _holds(build: Any, versions: list[str], runtime: str) -> bool:
    held = {each["sid"] for each in build.function_versions or []}
    return held == set(versions) and build.runtime == runtime and not build.asset_versions
