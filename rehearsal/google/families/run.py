"""Cloud Run: services, each revision a local process, and who may invoke them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.container import Container, NotReady
from rehearsal.google.families.artifactregistry import require_repository
from rehearsal.google.families.compute import require_interface
from rehearsal.google.families.iam import Binding, require_account
from rehearsal.google.families.kind import Kind, labels, last, now
from rehearsal.google.families.redis import Instance
from rehearsal.google.families.secretmanager import access
from rehearsal.google.families.vpcaccess import require_connector
from rehearsal.google.images import Image
from rehearsal.google.instances import MOST
from rehearsal.google.processes import accepts
from rehearsal.google.refusals import PartlyMade, Refusal
from rehearsal.google.run_service import Access

_API = "run.googleapis.com"
_REDIS_HOST = re.compile(r"REDIS_?HOST")
_MAX_TIMEOUT = 3600
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


class Service(Kind):
    type = "gcp:cloudrunv2/service:Service"
    api = _API
    noun = "Cloud Run service"
    protected_by_default = True

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, inputs.get("location"), inputs["name"])

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        template = inputs["template"]
        ingress = _ingress_container(template)
        scaling = template.get("scaling") or {}
        if (scaling.get("minInstanceCount") or 0) > (scaling.get("maxInstanceCount") or 100):
            raise Refusal("invalid", property="template.scaling", why="minInstanceCount is above maxInstanceCount.")
        if float((template.get("timeout") or "300s").rstrip("s")) > _MAX_TIMEOUT:
            raise Refusal("invalid", property="template.timeout", why="Cloud Run allows 3600s at most.")
        _network(cloud, inputs)
        _account(cloud, template)
        _image(cloud, template["containers"][ingress], ingress)

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        service = cloud.parts.run_services.get(thing.id)
        if service is None:
            service = cloud.parts.start_run_service(thing.id, _account(cloud, thing.inputs["template"]))
        generation = int(before.outputs["generation"]) + 1 if before and before.outputs else 1
        never_ready = not before or not before.outputs.get("latestReadyRevision")
        changed = never_ready or before.inputs["template"] != thing.inputs["template"]
        revision = _revision(thing, generation) if changed else last(before.outputs["latestReadyRevision"])
        uri = service.front.uri
        thing.outputs = _outputs(cloud, thing, before, uri, generation)
        thing.outputs["latestReadyRevision"] = "" if never_ready else before.outputs["latestReadyRevision"]
        thing.outputs["latestCreatedRevision"] = f"{thing.id}/revisions/{revision}"
        service.allow(self._access(cloud, thing))
        if changed:
            try:
                containers = self._containers(cloud, thing, revision)
                service.deploy(containers, _account(cloud, thing.inputs["template"]))
            except NotReady as error:
                refusal = Refusal("revision", revision=revision, why=error.why, log=cloud.redact(error.log))
                raise _unready(thing, before, refusal) from None
            except Refusal as refusal:
                raise _unready(thing, before, refusal) from None
        thing.outputs |= {
            "latestReadyRevision": f"{thing.id}/revisions/{revision}",
            "terminalConditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}],
        }

    def stays_when_unready(self, thing: Thing) -> bool:
        return bool(thing.outputs)

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        cloud.parts.stop_run_service(thing.id)

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        location, _, name = id.rpartition("/")
        return [full_name(cloud, last(location) or None, name)]

    def _access(self, cloud: Cloud, thing: Thing) -> Access:
        id = thing.id

        def public() -> bool:
            return bool(thing.get("invokerIamDisabled")) or cloud.holds("allUsers", "roles/run.invoker", id)

        return Access(
            internal_only=thing.get("ingress", "INGRESS_TRAFFIC_ALL") != "INGRESS_TRAFFIC_ALL",
            audiences=tuple(thing.inputs.get("customAudiences") or ()),
            public=public,
            invoker=lambda email: cloud.holds(f"serviceAccount:{email}", "roles/run.invoker", id),
        )

    def _containers(self, cloud: Cloud, thing: Thing, revision: str) -> list[Container]:
        """One per instance: minInstanceCount of them, at least one, and no more than this machine bears."""
        template = thing.inputs["template"]
        ingress = _ingress_container(template)
        spec = template["containers"][ingress]
        email, image = _account(cloud, template), _image(cloud, spec, ingress)
        env = _environment(cloud, spec, email)
        files, mounts = _mounted(cloud, template, spec, email)
        _reach_redis(cloud, thing.inputs, env, revision)
        start = [*spec["commands"], *(spec.get("args") or [])] if spec.get("commands") else []
        command = start or [*image.entrypoint, *(spec.get("args") or image.cmd)]
        if not command:
            raise NotReady("to start: neither the service nor the image's Dockerfile says what to run", "")
        name = last(thing.id)
        probes = {probe: spec[probe] for probe in _PROBES if spec.get(probe)}
        instances = min(max(_fewest(thing), 1), MOST)
        return [
            Container(
                service=name,
                revision=revision,
                image=image,
                command=command,
                env=env,
                files=files,
                mounts=mounts,
                probes=probes,
                home=cloud.parts.home / "run" / name / revision / str(number),
                log=cloud.parts.home / "logs" / f"{revision}-{number}.log",
            )
            for number in range(instances)
        ]


class ServiceMember(Binding):
    type = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
    api = _API
    noun = "Cloud Run service"
    on = "name"
    services = ("run",)
    public = True

    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, inputs.get("location"), last(inputs.get("name") or ""))

    def resource(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        name = self.full_name(cloud, inputs)
        if not cloud.find(Service.type, name):
            raise Refusal("not-found", property="name", what=self.noun, name=name)
        return name


def full_name(cloud: Cloud, location: str | None, name: str) -> str:
    return f"projects/{cloud.project}/locations/{location or cloud.region}/services/{name}"


def _fewest(thing: Thing) -> int:
    """minInstanceCount of the revision, or of the service as a whole where the revision says nothing."""
    for scaling in (thing.inputs["template"].get("scaling"), thing.inputs.get("scaling")):
        if scaling and scaling.get("minInstanceCount"):
            return int(scaling["minInstanceCount"])
    return 0


def _account(cloud: Cloud, template: Mapping[str, Any]) -> str:
    email = template.get("serviceAccount")
    if email:
        require_account(cloud, email, "template.serviceAccount")
        return email
    default = f"{cloud.number}-compute@developer.gserviceaccount.com"
    if not cloud.account_exists(default):
        raise Refusal("default-account", email=default)
    return default


def _ingress_container(template: Mapping[str, Any]) -> int:
    """The position of the container that requests go to. Raises Refusal for sidecars: they have no part in a rehearsal."""
    containers = template.get("containers") or []
    if not containers:
        raise Refusal("invalid", property="template.containers", why="at least one container must be given.")
    if len(containers) == 1:
        return 0
    open_ones = [index for index, each in enumerate(containers) if each.get("ports")]
    if len(open_ones) != 1:
        raise Refusal("containers", number=len(open_ones))
    sidecar = next(index for index in range(len(containers)) if index not in open_ones)
    why = "a sidecar is not played here; only the container with ports runs. Leave it out of the rehearsal's stack."
    raise Refusal("not-rehearsed", property=f"template.containers[{sidecar}]", why=why)


def _network(cloud: Cloud, inputs: Mapping[str, Any]) -> str | None:
    """The network that the instances are in, None when in none. Raises Refusal when Google has no such network."""
    vpc, region = inputs["template"].get("vpcAccess") or {}, inputs.get("location") or cloud.region
    if connector := vpc.get("connector"):
        return require_connector(cloud, connector, region, "template.vpcAccess.connector")
    interfaces = vpc.get("networkInterfaces") or []
    if len(interfaces) > 1:
        why = "exactly one interface can be given."
        raise Refusal("invalid", property="template.vpcAccess.networkInterfaces", why=why)
    places = (f"template.vpcAccess.networkInterfaces[{index}]" for index in range(len(interfaces)))
    found = [require_interface(cloud, each, region, place) for each, place in zip(interfaces, places, strict=True)]
    return found[0] if found else None


def _image(cloud: Cloud, spec: Mapping[str, Any], position: int) -> Image:
    image, property = spec.get("image") or "", f"template.containers[{position}].image"
    require_repository(cloud, image, property)
    found = cloud.parts.images.find(image)
    if found is None:
        raise Refusal("image", property=property, image=image)
    return found


def _environment(cloud: Cloud, spec: Mapping[str, Any], email: str) -> dict[str, str]:
    env: dict[str, str] = {}
    for index, each in enumerate(spec.get("envs") or []):
        place = f"template.containers[0].envs[{index}]"
        reference = (each.get("valueSource") or {}).get("secretKeyRef")
        if reference:
            version = reference.get("version") or "latest"
            env[each["name"]] = access(cloud, reference["secret"], version, email, f"{place}.valueSource.secretKeyRef")
        else:
            env[each["name"]] = each.get("value") or ""
    return env


def _mounted(
    cloud: Cloud, template: Mapping[str, Any], spec: Mapping[str, Any], email: str
) -> tuple[dict[str, str], list[str]]:
    """({path in the container: content}, [mount path])."""
    volumes = {each["name"]: (index, each) for index, each in enumerate(template.get("volumes") or [])}
    files: dict[str, str] = {}
    mounts: list[str] = []
    for index, mount in enumerate(spec.get("volumeMounts") or []):
        if mount["name"] not in volumes:
            raise Refusal("mount", property=f"template.containers[0].volumeMounts[{index}].name", name=mount["name"])
        position, volume = volumes[mount["name"]]
        path = mount["mountPath"].rstrip("/")
        mounts.append(path)
        secret = volume.get("secret")
        if not secret:
            continue
        place = f"template.volumes[{position}].secret"
        items = secret.get("items") or [{"path": last(secret["secret"]), "version": "latest"}]
        for item in items:
            content = access(cloud, secret["secret"], item.get("version") or "latest", email, place)
            files[f"{path}/{item['path']}"] = content
    return files, mounts


def _reach_redis(cloud: Cloud, inputs: Mapping[str, Any], env: Mapping[str, str], revision: str) -> None:
    """On loopback everything is reachable; on Google only what the revision's network reaches."""
    for name, host in env.items():
        if not _REDIS_HOST.fullmatch(name):
            continue
        port = env.get(name.replace("HOST", "PORT"), "6379")
        owner = next(
            (
                i
                for i in cloud.of(Instance.type)
                if i.outputs and (i.outputs["host"], str(i.outputs["port"])) == (host, port)
            ),
            None,
        )
        if owner is None or not accepts(int(port), host):
            raise Refusal("redis-unreachable", revision=revision, host=host, port=port, name=name)
        network, own = owner.outputs["authorizedNetwork"], _network(cloud, inputs)
        told = {"revision": revision, "host": host, "port": port, "network": last(network)}
        if own is None:
            raise Refusal("redis-network", **told)
        if own != network:
            raise Refusal("redis-other-network", own=last(own), **told)


def _revision(thing: Thing, generation: int) -> str:
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return f"{last(thing.id)}-{generation:05d}-{''.join(secrets.choice(alphabet) for _ in range(3))}"


def _unready(thing: Thing, before: Thing | None, refusal: Refusal) -> Exception:
    """A new service stays, without a revision that serves; of an existing one the last good revision goes on."""
    if before is not None and before.outputs.get("latestReadyRevision"):
        return refusal
    thing.outputs["terminalConditions"] = [{"type": "Ready", "state": "CONDITION_FAILED"}]
    return PartlyMade(thing.id, refusal)


def _outputs(cloud: Cloud, thing: Thing, before: Thing | None, uri: str, generation: int) -> dict[str, Any]:
    same = before.outputs if before and before.outputs else {}
    return {
        "uri": uri,
        "urls": [uri],
        "uid": same.get("uid") or secrets.token_hex(16),
        "generation": str(generation),
        "observedGeneration": str(generation),
        "reconciling": False,
        "conditions": [],
        "trafficStatuses": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100, "uri": uri}],
        "ingress": thing.get("ingress", "INGRESS_TRAFFIC_ALL"),
        "launchStage": thing.get("launchStage", "GA"),
        "etag": secrets.token_hex(8),
        "createTime": same.get("createTime") or now(),
        "updateTime": now(),
        "effectiveAnnotations": dict(thing.inputs.get("annotations") or {}),
        **labels(cloud, thing.inputs),
    }


KINDS: list[Kind] = [Service(), ServiceMember()]
