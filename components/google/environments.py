"""What `environment` stands for: what an environment costs and how it is protected, before single settings say otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """tier: of Redis; instances: least of each service; protected: against deletion; memory: of an instance."""

    tier: str
    instances: int
    protected: bool
    memory: str


PRESETS = {
    "dev": Preset(tier="BASIC", instances=1, protected=False, memory="512Mi"),
    "prod": Preset(tier="STANDARD_HA", instances=2, protected=True, memory="1Gi"),
}
