"""A project of its own: a Lightning component with its static resources, a trusted URL, a page, the page's activation."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.rehearsal.salesforce.desktop import (
    BUNDLE,
    PAGE,
    PROPERTIES,
    activation,
    bundle,
    oauth_app,
    page,
    settings,
    trusted_site,
    xml,
)

SOURCE = Path("force-app") / "main" / "default"
SITE = SOURCE / "cspTrustedSites" / "ui_connector.cspTrustedSite-meta.xml"
COMPONENTS = {
    ("CspTrustedSite", "ui_connector"),
    ("StaticResource", "ui_modules"),
    ("StaticResource", "global_styles"),
    ("LightningComponentBundle", BUNDLE),
    ("FlexiPage", PAGE),
}


def write_project(folder: Path) -> None:
    """Writes it anew, in the form in which developers keep it."""
    shutil.rmtree(folder / "force-app", ignore_errors=True)
    described = {"packageDirectories": [{"path": "force-app", "default": True}], "sourceApiVersion": "63.0"}
    (folder / "sfdx-project.json").write_text(json.dumps(described))
    write(folder / SOURCE, {**_resources(), **bundle()})
    write(folder, {str(SITE): trusted_site()})
    write(folder / SOURCE, {f"flexipages/{PAGE}.flexipage-meta.xml": page(dict.fromkeys(PROPERTIES, "1") | _GIVEN)})


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def write_everything(folder: Path) -> None:
    """What else the agent's desk needs: the OAuth app, CORS, the activation."""
    for path, content in {**oauth_app(), **settings(cors=True)}.items():
        write(folder / SOURCE, {f"{path}-meta.xml": content})
    write(folder / SOURCE, {"objects/Contact/Contact.object-meta.xml": activation()})


_GIVEN = {"debugMode": "false"}


def _resources() -> dict[str, bytes]:
    def meta(kind: str) -> bytes:
        return xml("StaticResource", f"<cacheControl>Public</cacheControl>\n<contentType>{kind}</contentType>")

    return {
        "staticresources/ui_modules.resource-meta.xml": meta("application/zip"),
        "staticresources/ui_modules/container.js": b"// container\n",
        "staticresources/ui_modules/transcript.js": b"// transcript\n",
        "staticresources/global_styles.resource-meta.xml": meta("text/css"),
        "staticresources/global_styles.css": b":root { --accent: #0b57d0; }\n",
    }
