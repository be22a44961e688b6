"""What is kept out of the project's logs: the request lines that hold a caller's number.

The Lightning component asks `GET /conversation-name?conversationIntegrationKey=<number>`, and Cloud Run itself writes the whole
address of every request into its log, where it stays for 30 days. The component is Google's, so the question cannot be asked
otherwise. Only these lines of only this service are left out; what the connector itself writes holds no number.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.google import names
from components.google.apis import Apis
from components.google.settings import GoogleSettings


class RequestLogs(pulumi.ComponentResource):
    """`clean`: from here on no number is written."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:RequestLogs", name, None, opts)
        self.clean = gcp.logging.ProjectExclusion(
            "ui-connector-conversation-names",
            project=project,
            name=settings.names.of(names.LOG_EXCLUSION),
            description="Request lines of the Agent Assist connector with a caller's number in the address",
            filter=lines_with_numbers(project, settings.names.of(names.CONNECTOR)),
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("run")),
        )
        self.register_outputs({})


def lines_with_numbers(project: str, service: str) -> str:
    """A filter in the Logging query language."""
    return " AND ".join(
        (
            'resource.type="cloud_run_revision"',
            f'resource.labels.service_name="{service}"',
            f'logName="projects/{project}/logs/run.googleapis.com%2Frequests"',
            'httpRequest.requestUrl:"/conversation-name?"',
        )
    )
