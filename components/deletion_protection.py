"""What refuses first when a protected environment is destroyed.

The engine finds out that a resource is protected when its turn comes, and by then has destroyed all that depends on it: of an
environment whose services, Redis and secrets are protected, the telephony number, the flow and the agents' page would be gone. So
something without substance depends on everything: its turn is the first one, and nothing else is touched once it has refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


class DeletionProtection(pulumi.ComponentResource):
    """Consists of nothing. on: whether the environment is protected; of: all that it consists of."""

    def __init__(self, name: str, *, on: bool, of: Sequence[pulumi.Resource]) -> None:
        # It stays when protection ends: what is protected in the state cannot be taken out of the program in the same run.
        options = pulumi.ResourceOptions(depends_on=list(of) if on else None, protect=on)
        super().__init__("voice:DeletionProtection", name, None, options)
        self.register_outputs({})
