"""Memorystore for Redis: each instance is a real server on loopback."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.compute import network_name, require_network
from rehearsal.google.families.kind import Kind, labels, last, now


class Instance(Kind):
    type = "gcp:redis/instance:Instance"
    api = "redis.googleapis.com"
    noun = "Redis instance"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        region = inputs.get("region") or cloud.region
        return f"projects/{cloud.project}/locations/{region}/instances/{inputs['name']}"

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        if network := inputs.get("authorizedNetwork"):
            require_network(cloud, network, "authorizedNetwork")

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        memory, auth = thing.inputs["memorySizeGb"], thing.get("authEnabled", False)
        server = cloud.parts.redis_servers.get(thing.id)
        if server is None:
            password = _password(cloud) if auth else ""
            tls = thing.get("transitEncryptionMode") == "SERVER_AUTHENTICATION"
            server = cloud.parts.start_redis(thing.id, memory, password, tls)
        else:
            if before and before.inputs["memorySizeGb"] != memory:
                server.resize(memory)
            if auth != bool(server.password):
                server.change_password(_password(cloud) if auth else "")
        region = thing.get("region", cloud.region)
        thing.outputs = {
            "host": server.host,
            "port": server.port,
            "authString": server.password,
            "currentLocationId": thing.get("locationId", f"{region}-a"),
            "region": region,
            "tier": thing.get("tier", "BASIC"),
            "connectMode": thing.get("connectMode", "DIRECT_PEERING"),
            "authorizedNetwork": network_name(cloud, thing.get("authorizedNetwork", "default")),
            "redisVersion": thing.get("redisVersion", "REDIS_7_0"),
            "transitEncryptionMode": thing.get("transitEncryptionMode", "DISABLED"),
            "serverCaCerts": server.ca_certificates,
            "nodes": [{"id": "node-0", "zone": thing.get("locationId", f"{region}-a")}],
            "createTime": before.outputs["createTime"] if before else now(),
            "persistenceIamIdentity": f"serviceAccount:{cloud.agent('redis.googleapis.com')}",
            **labels(cloud, thing.inputs),
        }

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        cloud.parts.stop_redis(thing.id)

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [f"projects/{cloud.project}/locations/{cloud.region}/instances/{last(id)}"]


def _password(cloud: Cloud) -> str:
    made = secrets.token_hex(18)
    cloud.remember_secrets({made})
    return made


KINDS: list[Kind] = [Instance()]
