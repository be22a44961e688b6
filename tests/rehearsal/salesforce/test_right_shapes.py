"""What Salesforce takes, the stand-in takes: one that refuses too much would teach the program wrong things."""

from __future__ import annotations

import pytest

from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import packaged
from tests.rehearsal.salesforce.shapes import CORS, RIGHT, TRUSTED_URL


@pytest.mark.parametrize("name", RIGHT)
def test_is_deployed(client: Client, name: str) -> None:
    before = client.snapshot()
    result = client.deployed(RIGHT[name])
    assert result["numberComponentsDeployed"] == result["numberComponentsTotal"] > 0
    assert client.snapshot() != before


@pytest.mark.parametrize("name", RIGHT)
def test_a_second_time_changes_nothing(client: Client, name: str) -> None:
    client.deployed(RIGHT[name])
    after = client.snapshot()
    rows = client.deployed(RIGHT[name])["details"]["componentSuccesses"]
    assert [each["fullName"] for each in rows if each["changed"] and each["componentType"]] == []
    assert client.snapshot() == after


@pytest.mark.parametrize("version", ["60.0", "63.0", "66.0"])
def test_in_every_version_that_has_its_types(client: Client, version: str) -> None:
    client.deployed(packaged(TRUSTED_URL, version))


MANIFESTS = {
    "a wildcard": "<types><members>*</members><name>CorsWhitelistOrigin</name></types><version>63.0</version>",
    "another order": "<version>63.0</version><types><name>CorsWhitelistOrigin</name><members>partner</members></types>",
    "a comment": "<!-- all --><types><members>partner</members><name>CorsWhitelistOrigin</name></types><version>63.0</version>",
    "a name": "<fullName>Ours</fullName><types><members>partner</members><name>CorsWhitelistOrigin</name></types><version>63.0</version>",
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests(client: Client, name: str) -> None:
    text = f'<?xml version="1.0"?>\n<Package xmlns="http://soap.sforce.com/2006/04/metadata">{MANIFESTS[name]}</Package>'
    client.deployed({"package.xml": text.encode(), **CORS})
