"""The dynamic resources of the Google side: what pulumi-gcp does not have."""

from __future__ import annotations

from providers.dynamic import HandledResource


class SigningKey(HandledResource, module="google", name="SigningKey"):
    """A random key; another length makes a new one."""

    handler = "providers.signing_key:SigningKeyHandler"
    computed = ("key",)
    secret = ("key",)
    replaced_by = ("bytes",)


class PhoneNumberBinding(HandledResource, module="dialogflow", name="PhoneNumberBinding"):
    """Google's telephony number, bound to a conversation profile."""

    handler = "providers.dialogflow.phone_number_binding:PhoneNumberBindingHandler"
    computed = ("formerProfile",)
    replaced_by = ("phoneNumber", "project", "location")
