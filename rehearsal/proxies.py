"""The local world is on this machine; a proxy that the environment names is for what is not."""

from __future__ import annotations

from collections.abc import Mapping

_HERE = ("127.0.0.1", "localhost", "::1")
# Programs read either spelling; gRPC only the second one.
_NAMES = ("NO_PROXY", "no_proxy")


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables by which programs leave proxies aside for this machine, beside whatever they name in `environment`."""
    named = [each.strip() for name in _NAMES for each in environment.get(name, "").split(",") if each.strip()]
    return dict.fromkeys(_NAMES, ",".join(dict.fromkeys([*named, *_HERE])))
