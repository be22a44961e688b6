"""Google's telephony number, answered by the conversation profile.

The last thing to be made: from here on a call reaches Agent Assist, so everything it needs must be there before.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.google.apis import Apis
from components.google.resources import FormerNumberBinding, PhoneNumberBinding
from components.google.settings import GoogleSettings


class NumberBinding(pulumi.ComponentResource):
    """`ready_first`: what takes a call's events. Destroying this binds the number as it was bound before.

    further_number: a telephony number beside the one of the settings, E.164.
    """

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        conversation_profile: pulumi.Input[str],
        ready_first: Sequence[pulumi.Resource],
        apis: Apis,
        further_number: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        digits = f"-{further_number.removeprefix('+')}" if further_number else ""
        super().__init__("voice:google:NumberBinding", name + digits, None, opts)
        number = {
            "phoneNumber": further_number or settings.gtp_phone_number,
            "project": project,
            "location": settings.conversation_location,
            "conversationProfile": conversation_profile,
        }
        # As late as the binding: what somebody binds while Redis is being made is still noted.
        late = pulumi.ResourceOptions(parent=self, depends_on=[*ready_first, *apis.on("dialogflow")])
        former = FormerNumberBinding(f"gtp-number-before{digits}", number, late)
        PhoneNumberBinding(f"gtp-number{digits}", {**number, "former": former.output("former")}, late)
        self.register_outputs({})
