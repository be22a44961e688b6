"""Whose images the two services run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import ValidationInfo, field_validator

from components.settings_model import SettingsModel, key

_EXAMPLE = "us-central1-docker.pkg.dev/my-project-1234/voice/connector@sha256:<64 hexadecimal digits>"


class ImageSettings(SettingsModel):
    """Without any of them the image is built from connector/."""

    connector_image: str | None = key(
        "connectorImage", "image of the connector, by digest, instead of building it", _EXAMPLE, None
    )
    interceptor_image: str | None = key(
        "interceptorImage",
        "image of the interceptor, by digest, where it is another one than the connector's",
        _EXAMPLE.replace("connector@", "interceptor@"),
        None,
    )
    connector_image_contract: Literal["own", "google"] = key(
        "connectorImageContract",
        "how the images are started and what they are told: as ours (own), or as Google's public connector (google)",
        "google",
        "own",
    )

    @property
    def google_image(self) -> bool:
        return self.connector_image_contract == "google"

    @field_validator("connector_image", "interceptor_image")
    @classmethod
    def _by_digest(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and not re.fullmatch(r"[^\s@]+/[^\s@]+@sha256:[0-9a-f]{64}", value):
            raise ValueError(
                "does not name the image by digest (…@sha256:<64 hexadecimal digits>): a tag may move between two runs. "
                "Fix: take the digest from `gcloud artifacts docker images describe IMAGE`, then "
                f"`pulumi config set {cls.model_fields[info.field_name].alias} IMAGE@sha256:…`"
            )
        return value

    def image_faults(self) -> Iterator[str]:
        """What these settings have wrong together."""
        if self.interceptor_image and not self.connector_image:
            yield "interceptorImage is set and connectorImage is not. Fix: set both, or `pulumi config rm interceptorImage`"
        if self.google_image and not (self.connector_image and self.interceptor_image):
            yield (
                "connectorImageContract is google, whose connector and interceptor are two images. "
                "Fix: `pulumi config set connectorImage …@sha256:…` and `pulumi config set interceptorImage …@sha256:…`, each by digest"
            )
