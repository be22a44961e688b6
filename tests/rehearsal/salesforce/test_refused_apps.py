"""External client apps that must not be deployable."""

from __future__ import annotations

import pytest

from rehearsal.salesforce import INTEGRATION_USER
from tests.rehearsal.salesforce.changes import ECA, GLOBAL, OAUTH, POLICY, Row, refused, text, without
from tests.rehearsal.salesforce.client import Client

ROWS: dict[str, Row] = {
    # external client app
    "run-as user missing": (
        text(POLICY, INTEGRATION_USER, "nobody@rehearsal.example"),
        POLICY,
        ("Enter a valid execution user for the OAuth client credentials flow.",),
        3,
    ),
    "run-as user left out": (
        text(POLICY, f"<clientCredentialsFlowUser>{INTEGRATION_USER}</clientCredentialsFlowUser>\n", ""),
        POLICY,
        ("Enter a valid execution user",),
        None,
    ),
    "parts of another app": (
        text(GLOBAL, ">lwc_auth<", ">lwc_other<"),
        GLOBAL,
        ("no ExternalClientApplication named lwc_other found",),
        4,
    ),
    "global settings alone": (without(OAUTH, POLICY), GLOBAL, ("ExtlClntAppOauthSettings", "deploy both together"), 4),
    "app missing": (without(ECA), GLOBAL, ("no ExternalClientApplication named lwc_auth found",), 4),
    "runtime scope": (text(OAUTH, ">Basic<", ">id<"), OAUTH, ("'id' is not a valid OAuth scope",), 3),
    "flow on one side only": (
        text(GLOBAL, "CredentialsFlowEnabled>true", "CredentialsFlowEnabled>false"),
        POLICY,
        ("client credentials flow is not enabled", "ExtlClntAppGlobalOauthSettings"),
        6,
    ),
    "no callback": (
        text(GLOBAL, "<callbackUrl>https://login.salesforce.com/services/oauth2/callback</callbackUrl>\n", ""),
        GLOBAL,
        ("callbackUrl",),
        None,
    ),
    "http callback": (
        text(GLOBAL, "https://login.salesforce.com", "http://login.salesforce.com"),
        GLOBAL,
        ("invalid callback URL",),
        3,
    ),
    "rotation without ignored warnings": (
        text(GLOBAL, "RotateConsumerSecret>false", "RotateConsumerSecret>true"),
        GLOBAL,
        ("shouldRotateConsumerSecret",),
        None,
    ),
    "app without e-mail": (
        text(ECA, "<contactEmail>ops@rehearsal.example</contactEmail>\n", ""),
        ECA,
        ("contactEmail",),
        None,
    ),
    "unknown IP policy": (text(POLICY, ">Enforce<", ">Strict<"), POLICY, ("'Strict'", "ipRelaxationPolicyType"), 5),
    "permission set by id": (
        text(
            POLICY,
            "<externalClientApplication>",
            "<commaSeparatedPermissionSet>0PS000000000001</commaSeparatedPermissionSet>\n<externalClientApplication>",
        ),
        POLICY,
        ("permission sets called 0PS000000000001",),
        4,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_refused_naming_file_and_cause_and_nothing_is_left(client: Client, name: str) -> None:
    refused(client, ROWS[name])
