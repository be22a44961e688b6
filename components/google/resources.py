"""The dynamic resources of the Google side: what pulumi-gcp does not have."""

from __future__ import annotations

from providers.dynamic import HandledResource


class SigningKey(HandledResource, module="google", name="SigningKey"):
    """A random key; another length makes a new one."""

    handler = "providers.signing_key:SigningKeyHandler"
    computed = ("key",)
    secret = ("key",)
    replaced_by = ("bytes",)


class DeployerPermissions(HandledResource, module="google", name="DeployerPermissions"):
    """Makes nothing: the preview asks Google whether the deployer holds every permission."""

    handler = "providers.google.deployer_permissions:DeployerPermissionsHandler"
    replaced_by = ("project",)


class ExistingNetwork(HandledResource, module="google", name="ExistingNetwork"):
    """Makes nothing: the preview looks whether the network is there and Cloud Run can enter it."""

    handler = "providers.google.existing_network:ExistingNetworkHandler"
    replaced_by = ("project", "region")


class ExistingProfile(HandledResource, module="dialogflow", name="ExistingProfile"):
    """Makes nothing: the preview looks whether somebody else's conversation profile serves this environment."""

    handler = "providers.dialogflow.existing_profile:ExistingProfileHandler"
    replaced_by = ("name",)


class ProfileExtras(HandledResource, module="dialogflow", name="ProfileExtras"):
    """The speech settings of a conversation profile that pulumi-gcp lacks."""

    handler = "providers.dialogflow.profile_extras:ProfileExtrasHandler"
    replaced_by = ("conversationProfile",)


class FormerNumberBinding(HandledResource, module="dialogflow", name="FormerNumberBinding"):
    """Which conversation profile a telephony number used before; in the state before that changes."""

    handler = "providers.dialogflow.former_number_binding:FormerNumberBindingHandler"
    computed = ("former",)
    replaced_by = ("phoneNumber", "project", "location")


class PhoneNumberBinding(HandledResource, module="dialogflow", name="PhoneNumberBinding"):
    """Google's telephony number, bound to a conversation profile."""

    handler = "providers.dialogflow.phone_number_binding:PhoneNumberBindingHandler"
    computed = ("formerProfile",)
    replaced_by = ("phoneNumber", "project", "location")
