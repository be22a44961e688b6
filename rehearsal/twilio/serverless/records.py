"""The things that Serverless keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from rehearsal.twilio.records import Record, Table

BUILDING, COMPLETED, FAILED = "building", "completed", "failed"


@dataclass(kw_only=True)
class Function(Record):
    friendly_name: str


@dataclass(kw_only=True)
class Version(Record):
    """One upload of a function's content; never changed."""

    function_sid: str
    path: str
    visibility: str
    content: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(kw_only=True)
class Asset(Record):
    friendly_name: str


@dataclass(kw_only=True)
class AssetVersion(Record):
    """One upload of an asset's content, of any media type; never changed, and never given back by the API."""

    asset_sid: str
    path: str
    visibility: str
    content: bytes = field(repr=False)
    content_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(kw_only=True)
class Build(Record):
    """`fault` says why a build failed."""

    versions: list[Version]
    asset_versions: list[AssetVersion] = field(default_factory=list)
    dependencies: list[dict[str, Any]]
    runtime: str
    status: str = BUILDING
    fault: str = ""


@dataclass(kw_only=True)
class Variable(Record):
    key: str
    value: str = field(repr=False)


@dataclass(kw_only=True)
class Deployment(Record):
    build_sid: str | None
    is_plugin: bool = False


@dataclass(kw_only=True)
class Log(Record):
    """One line that a function wrote while it ran. level: "info" | "warn" | "error"; `message` is at most 1 KB of it."""

    build_sid: str
    deployment_sid: str | None
    function_sid: str
    request_sid: str
    level: str
    message: str = field(repr=False)


@dataclass(kw_only=True)
class Environment(Record):
    unique_name: str
    domain_suffix: str | None
    domain_name: str
    build_sid: str | None = None
    variables: Table[Variable] = field(default_factory=Table)
    deployments: Table[Deployment] = field(default_factory=Table)
    logs: Table[Log] = field(default_factory=Table)


@dataclass(kw_only=True)
class Service(Record):
    unique_name: str
    friendly_name: str
    include_credentials: bool
    ui_editable: bool
    domain_base: str
    environments: Table[Environment] = field(default_factory=Table)
    functions: Table[Function] = field(default_factory=Table)
    versions: Table[Version] = field(default_factory=Table)
    assets: Table[Asset] = field(default_factory=Table)
    asset_versions: Table[AssetVersion] = field(default_factory=Table)
    builds: Table[Build] = field(default_factory=Table)
