"""Names that live in the state of existing stacks: changing one breaks their refresh and their destroy."""

from __future__ import annotations

import importlib

import pytest

from components.google.resources import (
    DeployerPermissions,
    ExistingNetwork,
    ExistingProfile,
    FormerNumberBinding,
    PhoneNumberBinding,
    ProfileExtras,
    SigningKey,
)
from tests.graph import record

EXISTING = [
    (SigningKey, "google:SigningKey", "providers.signing_key:SigningKeyHandler"),
    (
        PhoneNumberBinding,
        "dialogflow:PhoneNumberBinding",
        "providers.dialogflow.phone_number_binding:PhoneNumberBindingHandler",
    ),
    (
        FormerNumberBinding,
        "dialogflow:FormerNumberBinding",
        "providers.dialogflow.former_number_binding:FormerNumberBindingHandler",
    ),
    (ExistingNetwork, "google:ExistingNetwork", "providers.google.existing_network:ExistingNetworkHandler"),
    (ExistingProfile, "dialogflow:ExistingProfile", "providers.dialogflow.existing_profile:ExistingProfileHandler"),
    (ProfileExtras, "dialogflow:ProfileExtras", "providers.dialogflow.profile_extras:ProfileExtrasHandler"),
    (
        DeployerPermissions,
        "google:DeployerPermissions",
        "providers.google.deployer_permissions:DeployerPermissionsHandler",
    ),
]


@pytest.mark.parametrize(("resource", "token", "handler"), EXISTING)
def test_token_and_handler_stay(resource, token, handler):
    assert resource.handler == handler
    assert record(lambda: resource("r", {})).one(token).type == f"pulumi-python:dynamic/{token}"
    module, _, name = handler.partition(":")
    made = getattr(importlib.import_module(module), name).connect({})
    assert all(callable(getattr(made, method)) for method in ("check", "find", "create", "read", "update", "delete"))


@pytest.mark.parametrize(
    ("resource", "properties"),
    [
        (SigningKey, ["bytes"]),
        (PhoneNumberBinding, ["phoneNumber", "project", "location"]),
        (FormerNumberBinding, ["phoneNumber", "project", "location"]),
        (ExistingNetwork, ["project", "region"]),
        (ExistingProfile, ["name"]),
        (ProfileExtras, ["conversationProfile"]),
        (DeployerPermissions, ["project"]),
    ],
)
def test_what_replaces(resource, properties):
    assert list(record(lambda: resource("r", {})).one(resource.__name__).request.replaceOnChanges) == properties
