"""What Google refuses: every refusal that this stand-in knows, with its id and its text.

`REFUSALS` is read by the documentation and by tests. Codes and first words are Google's own where they are known; the part
behind it says what to change, because the reader of a rehearsal has no console to look it up in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One refusal: HTTP code as Google answers it, and the text with the named parts in braces."""

    code: int
    text: str


REFUSALS: dict[str, Rule] = {
    "api-disabled": Rule(
        403,
        "{service} has not been used in project {number} before or it is disabled, needed for {what}. "
        "Enable it with a projects.Service and let this resource depend on it. Reason: SERVICE_DISABLED",
    ),
    "unknown-api": Rule(
        400, "service: {service!r} is not a Google API; expected a name like pubsub.googleapis.com, failedPrecondition"
    ),
    "wrong-project": Rule(403, "project: permission denied on resource project {project!r}; this project is {own!r}"),
    "already-exists": Rule(409, "{what} {name!r} already exists., alreadyExists"),
    "not-found": Rule(404, "{property}: {what} {name!r} does not exist., notFound"),
    "unknown-member": Rule(400, "member: service account {email!r} does not exist., badRequest"),
    "unknown-agent": Rule(
        400,
        "member: service agent {email!r} does not exist; make it with a projects.ServiceIdentity and depend on it., badRequest",
    ),
    "bad-member": Rule(
        400,
        "member: {member!r} is not a principal; expected allUsers, allAuthenticatedUsers, or user:, group:, domain: or "
        "serviceAccount: followed by an address., badRequest",
    ),
    "public-not-allowed": Rule(400, "member: {member!r} cannot be granted a role on a {what}., badRequest"),
    "unknown-role": Rule(400, "role: role {role!r} is not supported for this resource ({what}); {known}., badRequest"),
    "act-as": Rule(
        403,
        "{property}: permission 'iam.serviceaccounts.actAs' denied on service account {email} (or it may not exist)., forbidden",
    ),
    "default-account": Rule(
        403,
        "template.serviceAccount: not set, and the default compute service account {email} does not exist in this project; "
        "name a service account., forbidden",
    ),
    "secret-access": Rule(
        403,
        "{property}: permission denied on secret {secret}/versions/{version} for revision service account {email}. It must be "
        "granted roles/secretmanager.secretAccessor on that secret or the project before the service.",
    ),
    "secret-version": Rule(
        400, "{property}: secret {secret}/versions/{version} was not found. Add a SecretVersion first."
    ),
    "secret-version-state": Rule(
        400, "{property}: secret {secret}/versions/{version} is in {state} state; name a version that is enabled."
    ),
    "image": Rule(
        400,
        "{property}: image {image!r} not found. Build it into an existing repository first; name it by tag or by digest.",
    ),
    "mount": Rule(400, "{property}: volume mount {name!r} has no volume of that name in template.volumes."),
    "redis-unreachable": Rule(
        400,
        "revision {revision!r} is not ready and cannot serve traffic: nothing answers at {host}:{port}, which env {name} names. "
        "Take host and port from the redis.Instance.",
    ),
    "redis-network": Rule(
        400,
        "revision {revision!r} is not ready and cannot serve traffic: Redis at {host}:{port} has a private address of network "
        "{network!r}; set template.vpcAccess (networkInterfaces or connector).",
    ),
    "redis-other-network": Rule(
        400,
        "revision {revision!r} is not ready and cannot serve traffic: Redis at {host}:{port} is in network {network!r}, the "
        "revision in {own!r}; let template.vpcAccess and the redis.Instance's authorizedNetwork name the same one.",
    ),
    "network": Rule(400, "{property}: {what} {name!r} does not exist in project {project}."),
    "in-use": Rule(
        400, "the {what} resource {name!r} is already being used by {user!r}., resourceInUseByAnotherResource"
    ),
    "containers": Rule(
        400, "template.containers: exactly one container must have ports, the one that requests go to; {number} have."
    ),
    "revision": Rule(
        400,
        "revision {revision!r} is not ready and cannot serve traffic. The user-provided container failed {why}. "
        "Last lines of its log:\n{log}",
    ),
    "deletion-protection": Rule(
        0, "cannot destroy {what} {name!r} without setting deletionProtection to false and running `pulumi up` first"
    ),
    "deletion-prevented": Rule(0, "cannot destroy {what} {name!r} while its deletionPolicy is PREVENT"),
    "body": Rule(400, "Invalid JSON payload received, held against {schema} of {document}: {faults}, badRequest"),
    "invalid": Rule(400, "{property}: {why}, badRequest"),
    "not-rehearsed": Rule(501, "{property}: {why}"),
    "format": Rule(400, "format: repository {repository!r} has format {format}, images need DOCKER."),
    "command": Rule(0, "exit status {code}: running {script!r}:\n{output}"),
    "emulator": Rule(400, "{property}: {message}"),
}

NO_SUCH_KIND = (
    "the rehearsal's Google stand-in has no {token}; it has: {known}. "
    "Fix: use one of these, or teach it the new one in rehearsal/google/families/."
)


class Refusal(Exception):
    """Google says no. `id` is a key of REFUSALS, the message is what the engine shows."""

    def __init__(self, id: str, **parts: object) -> None:
        rule = REFUSALS[id]
        self.id, self.code = id, rule.code
        text = rule.text.format(**parts)
        super().__init__(f"googleapi: Error {rule.code}: {text}" if rule.code else text)


class PartlyMade(Exception):
    """The thing exists at Google, but it did not become ready. The engine keeps it in the state and repairs it next time."""

    def __init__(self, id: str, refusal: Refusal) -> None:
        self.id, self.refusal = id, refusal
        super().__init__(str(refusal))
