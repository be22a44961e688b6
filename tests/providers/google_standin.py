"""The Google of the rehearsal for tests of handlers: another reading of Google's documents than the handlers' own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from rehearsal.google.standin import GoogleStandIn

PROJECT, LOCATION, NUMBER = "rehearsal-project", "us-central1", "+16505550199"


class Google:
    """A running stand-in, and resources made in it over the engine's protocol."""

    def __init__(self, url: str, grpc_port: int) -> None:
        self.url = url
        self._stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{grpc_port}"))

    def make(self, token: str, name: str, inputs: dict[str, Any]) -> str:
        """The id of the new resource."""
        properties = Struct()
        properties.update(inputs)
        urn = f"urn:pulumi:test::voice::{token}::{name}"
        return self._stub.Create(provider_pb2.CreateRequest(urn=urn, properties=properties, timeout=30)).id

    def update(self, token: str, id: str, name: str, inputs: dict[str, Any]) -> None:
        """Other inputs for what `make` made, as the engine sends them."""
        properties = Struct()
        properties.update(inputs)
        urn = f"urn:pulumi:test::voice::{token}::{name}"
        self._stub.Update(provider_pb2.UpdateRequest(id=id, urn=urn, news=properties, timeout=30))

    def switch_on(self, api: str) -> None:
        service = {"service": f"{api}.googleapis.com", "project": PROJECT}
        self.make("gcp:projects/service:Service", api, service)


@contextlib.contextmanager
def running(home: Path, token: str) -> Iterator[Google]:
    """token: the deployer's."""
    standin = GoogleStandIn(
        home,
        project=PROJECT,
        region=LOCATION,
        project_number="123456789",
        gtp_number=NUMBER,
        gtp_location=LOCATION,
        deployer_token=token,
        redis_server="redis-server",
    )
    with standin:
        yield Google(standin.url, standin.grpc_port)
