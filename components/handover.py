"""What only a person can do: the stack's last output, so that nobody has to look for it.

Each line names the place and the value to enter. Source: "What only a person can do" in docs/twilio.md and docs/salesforce.md, and
"The telephony number" in docs/google.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

# How the connector finds a call by the number in the contact (docs/google.md).
_SPELLING = {"own": "in any usual spelling", "google": "in bare digits with the country's, such as 15550104477"}


def checklist(wanted: Settings) -> list[str]:
    """The steps for a person, in the order in which they can be done. Holds no secret."""
    twilio, salesforce = wanted.twilio, wanted.salesforce
    first, *others = twilio.voice_lines
    steps = [
        "Google: have the project allow-listed for telephony and the GTP number "
        f"{', '.join([wanted.google.gtp_phone_number, *twilio.gtp_profiles])} "
        "assigned to it (account team, or the console's phone gateway).",
        "Twilio: Flex must be activated in the console once per account; add agents and their sign-on there.",
        f"Twilio: Flex Admin > Integrations > Salesforce: base URL https://{salesforce.domain}, the voice workflow and task channel, "
        f"caller ID {first.phone_number}{' (or that of another line)' if others else ''}.",
        "Salesforce: softphone layout, screen pop settings and each agent's first sign-in to Flex.",
        "Salesforce: grant the deploying user “External Client App Developer” and “View Client Secret”, so that key and secret can be "
        "read back; otherwise copy both by hand (e-mailed code) into oauthConsumerKey and oauthConsumerSecret.",
        f"Salesforce: Contact.Phone must hold the number callers use, {_SPELLING[wanted.google.connector_image_contract]}.",
    ]
    if not salesforce.flex_cti_package_version_id:
        steps.append(
            "Salesforce: install the Twilio Flex CTI package from AppExchange and put agents into its call centre "
            "(or set flexCtiPackageVersionId and callCenterUsers, and the program does it)."
        )
    return steps
