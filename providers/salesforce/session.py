"""HTTP sessions to one org: no call waits for ever, is led elsewhere, or carries other credentials than ours.

requests takes more from a machine than one expects: an entry of ~/.netrc (its `default`, too) replaces the Authorization
header, so that a stranger's password goes to the org in the token's place; and a proxy of the environment is asked even for
this machine.
"""

from __future__ import annotations

from typing import Any

import requests

from providers.loopback import on_this_machine

_TIMEOUT = (5, 60)


class OrgSession(requests.Session):
    """base_url: of the org. A real one is reached through the environment's proxy, a stand-in never."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.trust_env = not on_this_machine(base_url)
        self.auth = _as_it_is

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs.setdefault("timeout", _TIMEOUT)
        # Not by default only: `get` of requests asks for them itself.
        return super().request(*args, **{**kwargs, "allow_redirects": False})


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An authentication that adds nothing: where there is one, .netrc is not looked into."""
    return request
