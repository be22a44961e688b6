"""Who runs and who calls: three service accounts, each with the least it needs.

Roles are single members, never bindings: a binding is authoritative for its role in the whole project and would evict
every other holder, as upstream's Terraform does. The role on the signing secret stands with the secret, the right to
call a service with the service.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.google import names
from components.google.apis import Apis


class Identities(pulumi.ComponentResource):
    """connector and interceptor are the accounts they run as; push is the one that Pub/Sub calls the interceptor as.

    called: the environment's names. `connector_roles`: what the connector's first start needs to be in place.
    """

    def __init__(
        self, name: str, *, project: str, called: names.Names, apis: Apis, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("voice:google:Identities", name, None, opts)

        def account(account_id: str, display_name: str) -> gcp.serviceaccount.Account:
            return gcp.serviceaccount.Account(
                account_id,
                project=project,
                account_id=called.of(account_id),
                display_name=display_name,
                opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("iam", "cloudresourcemanager")),
            )

        self.connector = account(names.CONNECTOR, "Agent Assist UI connector")
        self.interceptor = account(names.INTERCEPTOR, "Agent Assist Pub/Sub interceptor")
        self.push = account(names.PUSH, "Pub/Sub push to the interceptor")
        # Agents' browsers reach Dialogflow through the connector only.
        self.connector_roles = gcp.projects.IAMMember(
            "ui-connector-agent-assist-client",
            project=project,
            role="roles/dialogflow.agentAssistClient",
            member=self.connector.member,
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("cloudresourcemanager", "dialogflow")),
        )
        self.register_outputs({})
