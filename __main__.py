"""One environment of the Agent Assist × Twilio Flex × Salesforce voice integration.

Twilio and Salesforce are made by dynamic providers (providers/): pulumi-twilio is not published for Python, and there is no
Pulumi provider for Salesforce.
"""

import pulumi

import settings
from components import handover
from components.deletion_protection import DeletionProtection
from components.google.backend import AgentAssistBackend
from components.salesforce.desktop import SalesforceDesktop
from components.twilio.voice_line import TwilioVoice

wanted = settings.load()

backend = AgentAssistBackend(
    "backend",
    wanted.google,
    project=wanted.project.project,
    region=wanted.project.region,
    twilio_account_sid=wanted.twilio.account_sid,
    salesforce_domain=wanted.salesforce.domain,
    salesforce_organization_id=wanted.salesforce.organization_id,
    service_endpoints=wanted.service_endpoints,
    cors_origins=wanted.agent_origins,
    further_numbers=wanted.twilio.gtp_profiles,
)

voice = TwilioVoice(
    "voice",
    wanted.twilio,
    connector_url=backend.connector_url,
    project=wanted.project.project,
    conversation_location=wanted.google.conversation_location,
    gtp_phone_number=wanted.google.gtp_phone_number,
)

desktop = SalesforceDesktop(
    "desktop",
    wanted.salesforce,
    connector_url=backend.connector_url,
    conversation_profile=backend.conversation_profile,
)

DeletionProtection("deletion-protection", on=wanted.google.protected, of=[backend, voice, desktop])

pulumi.export("connector_url", backend.connector_url)
pulumi.export("conversation_profile", backend.conversation_profile)
pulumi.export("phone_number", voice.phone_number)
pulumi.export("flow", voice.flow_sid)
pulumi.export("lines", voice.lines)
pulumi.export("lightning_component", desktop.lightning_component)
pulumi.export("handover_checklist", handover.checklist(wanted))
