"""One file per family of Google services; here is the table by which the provider finds the right one."""

from __future__ import annotations

from rehearsal.google.families import (
    artifactregistry,
    commands,
    compute,
    dialogflow,
    iam,
    logging,
    pubsub,
    redis,
    run,
    secretmanager,
    serviceusage,
    vpcaccess,
)
from rehearsal.google.families.kind import Kind

_FAMILIES = (
    *(serviceusage, iam, compute, vpcaccess, secretmanager, redis, pubsub, artifactregistry, run, dialogflow, logging),
    commands,
)

KINDS: dict[str, Kind] = {kind.type: kind for family in _FAMILIES for kind in family.KINDS}
FUNCTIONS = serviceusage.FUNCTIONS
