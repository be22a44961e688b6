"""What Salesforce itself puts into a page: the page around the components, and the `lightning/…` modules that they import."""

from __future__ import annotations

import json
from pathlib import Path

from rehearsal.salesforce.lightning import errors
from rehearsal.salesforce.lightning.modules import hash_source

_FOLDER = Path(__file__).with_name("platform")
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_IMPORT_MAP = json.dumps(
    {
        "imports": {
            "lwc": "/lightning/engine/lwc.js",
            "lightning/": "/lightning/platform/",
            "c/": "/lightning/modules/c/",
            "@salesforce/resourceUrl/": "/lightning/resourceUrl/",
            "@salesforce/messageChannel/": "/lightning/messageChannel/",
        }
    }
)
_PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Contact | Salesforce (rehearsal)</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/lightning/platform/page.css">
<script type="importmap">{_IMPORT_MAP}</script>
<script type="module" src="/lightning/platform/app.js"></script>
</head>
<body></body>
</html>
"""
# What the Lightning Experience's own policy has beside the directives that trusted URLs open.
_OWN_POLICY = f"default-src 'self'; script-src 'self' {hash_source(_IMPORT_MAP)}; object-src 'none'; base-uri 'self'"


def page() -> str:
    """The HTML that a browser gets first; its script asks for the page's content."""
    return _PAGE


def own_policy() -> str:
    """The directives of the Content-Security-Policy that no trusted URL changes."""
    return _OWN_POLICY


def file(name: str) -> tuple[str, str]:
    """Text and media type of a platform file; a module may be named without .js. Raises PageError."""
    for path in (_FOLDER / name, _FOLDER / f"{name}.js"):
        if path.parent == _FOLDER and path.is_file():
            return path.read_text(), _MEDIA_TYPES[path.suffix]
    raise errors.no_module(f"lightning/{name}")
