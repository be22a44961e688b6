"""The Google side of one environment, whole: row 0.3 and 1.2 of Google's guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.google.apis import Apis
from components.google.connector import Callers, Connector
from components.google.connector_image import ConnectorImage
from components.google.conversation_profile import ConversationProfile
from components.google.deployer import Deployer
from components.google.events import Subscriptions, Topics
from components.google.identities import Identities
from components.google.interceptor import Interceptor
from components.google.network import GivenNetwork, OwnNetwork
from components.google.number_binding import NumberBinding
from components.google.request_logs import RequestLogs
from components.google.session_store import SessionStore
from components.google.settings import GoogleSettings
from components.google.signing_secret import SigningSecret


class AgentAssistBackend(pulumi.ComponentResource):
    """Outputs: connector_url (no slash at its end), conversation_profile (full resource name), project, location.

    project, region: of Google Cloud; the conversations' own location is a setting. service_endpoints: environment
    variables of the connector (SALESFORCE_URL, TWILIO_API_URL, DIALOGFLOW_URL) and of the interceptor (GOOGLE_CERTS_URL)
    where the stack overrides a vendor's address. cors_origins: where the agents' browsers load Salesforce from; the
    setting corsAllowedOrigins adds to them. further_numbers: telephony numbers of single voice lines, each with a
    conversation profile that is there, or None for ours.
    """

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        twilio_account_sid: str,
        salesforce_domain: str,
        salesforce_organization_id: str,
        cors_origins: Sequence[str],
        service_endpoints: Mapping[str, str] | None = None,
        further_numbers: Mapping[str, str | None] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:AgentAssistBackend", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        # Where the push tokens' keys are, for the interceptor alone; the other addresses are the connector's.
        endpoints = dict(service_endpoints or {})
        certs = endpoints.pop("GOOGLE_CERTS_URL", None)
        callers = Callers(
            salesforce_domain=salesforce_domain,
            salesforce_organization_id=salesforce_organization_id,
            twilio_account_sid=twilio_account_sid,
            cors_origins=list(dict.fromkeys([*cors_origins, *settings.cors_allowed_origins])),
            service_endpoints=endpoints,
        )
        called = settings.names
        deployer = Deployer("deployer", settings, project=project, opts=own)
        apis = Apis("api", project=project, after=deployer.allowed, opts=own)
        identities = Identities("identities", project=project, called=called, apis=apis, opts=own)
        entered = OwnNetwork if settings.own_network else GivenNetwork
        network = entered("network", settings, project=project, region=region, apis=apis, opts=own).network
        session_store = SessionStore(
            "session-store",
            settings,
            project=project,
            region=region,
            network=network,
            identities=identities,
            apis=apis,
            opts=own,
        )
        topics = Topics("topics", project=project, called=called, apis=apis, opts=own)
        signing_secret = SigningSecret(
            "signing-secret", settings, project=project, region=region, identities=identities, apis=apis, opts=own
        )
        image = ConnectorImage(
            "connector-image",
            settings,
            project=project,
            region=region,
            apis=apis,
            impersonated=pulumi.Config("gcp").get("impersonateServiceAccount"),
            opts=own,
        )
        connector = Connector(
            "connector",
            settings,
            project=project,
            region=region,
            image=image.reference,
            callers=callers,
            identities=identities,
            session_store=session_store,
            signing_secret=signing_secret,
            network=network,
            apis=apis,
            opts=own,
        )
        interceptor = Interceptor(
            "interceptor",
            settings,
            project=project,
            region=region,
            image=image.interceptor,
            identities=identities,
            session_store=session_store,
            network=network,
            service_endpoints={"GOOGLE_CERTS_URL": certs} if certs else {},
            apis=apis,
            opts=own,
        )
        subscriptions = Subscriptions(
            "subscriptions",
            project=project,
            called=called,
            topics=topics,
            endpoint=interceptor.url,
            audience=interceptor.audience,
            push_email=identities.push.email,
            callable_first=[interceptor.callable],
            apis=apis,
            opts=own,
        )
        profile = ConversationProfile(
            "conversation-profile", settings, project=project, topics=topics, apis=apis, opts=own
        )
        request_logs = RequestLogs("request-logs", settings, project=project, apis=apis, opts=own)
        for number, other in {None: None, **(further_numbers or {})}.items():
            NumberBinding(
                "number-binding",
                settings,
                project=project,
                conversation_profile=other or profile.resource_name,
                further_number=number,
                ready_first=[
                    connector.callable,
                    request_logs.clean,
                    *profile.complete,
                    *subscriptions.subscriptions.values(),
                ],
                apis=apis,
                opts=own,
            )
        self.connector_url: pulumi.Output[str] = connector.url
        self.conversation_profile: pulumi.Output[str] = profile.resource_name
        self.project, self.location = project, settings.conversation_location
        self.register_outputs(
            {
                "connectorUrl": self.connector_url,
                "conversationProfile": self.conversation_profile,
                "project": project,
                "location": settings.conversation_location,
            }
        )
