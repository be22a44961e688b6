"""The dynamic resources of the Twilio side.

pulumi-twilio is not published for Python, and Twilio's Terraform provider neither uploads functions nor knows the
Marketplace (docs/twilio.md): hence resource handlers over Twilio's own library. Handlers are named by strings, so that
what Pulumi pickles into the state stays a plain reference.
"""

from __future__ import annotations

from providers.dynamic import HandledResource


class ServerlessService(HandledResource, module="twilio", name="ServerlessService"):
    """A Function service."""

    handler = "providers.twilio.serverless_service:ServerlessServiceHandler"
    replaced_by = ("uniqueName",)


class ServerlessEnvironment(HandledResource, module="twilio", name="ServerlessEnvironment"):
    """An environment of a Function service: a domain."""

    handler = "providers.twilio.serverless_environment:ServerlessEnvironmentHandler"
    computed = ("domainName",)
    replaced_by = ("serviceSid", "uniqueName", "domainSuffix")


class ServerlessFunction(HandledResource, module="twilio", name="ServerlessFunction"):
    """A function of a Function service, without its code."""

    handler = "providers.twilio.serverless_function:ServerlessFunctionHandler"
    replaced_by = ("serviceSid",)


class ServerlessVariable(HandledResource, module="twilio", name="ServerlessVariable"):
    """An environment variable of the functions."""

    handler = "providers.twilio.serverless_variable:ServerlessVariableHandler"
    replaced_by = ("serviceSid", "environmentSid")


class ServerlessDeployment(HandledResource, module="twilio", name="ServerlessDeployment"):
    """The functions' code, built and deployed. Nobody may depend on its outputs: they change with every change of code."""

    handler = "providers.twilio.serverless_deployment:ServerlessDeploymentHandler"
    computed = ("buildSid",)
    replaced_by = ("serviceSid", "environmentSid")


class FormerSiprecConnector(HandledResource, module="twilio", name="FormerSiprecConnector"):
    """What stood under the connector's name before."""

    handler = "providers.twilio.former_siprec_connector:FormerSiprecConnectorHandler"
    computed = ("former",)
    # The former configuration may hold credentials.
    secret = ("former",)
    replaced_by = ("uniqueName",)


class SiprecConnector(HandledResource, module="twilio", name="SiprecConnector"):
    """The installed SIPREC connector. Another name is another connector: the old one goes when nothing uses it any more."""

    handler = "providers.twilio.siprec_connector:SiprecConnectorHandler"
    secret = ("former",)
    replaced_by = ("uniqueName",)


class FlexWorkflow(HandledResource, module="twilio", name="FlexWorkflow"):
    """Flex's workflow and voice channel, looked up."""

    handler = "providers.twilio.flex_workflow:FlexWorkflowHandler"
    computed = ("channelSid", "workspaceSid")
    replaced_by = ("workflowSid", "channel")


class StudioFlow(HandledResource, module="twilio", name="StudioFlow"):
    """A published Studio flow."""

    handler = "providers.twilio.studio_flow:StudioFlowHandler"
    computed = ("webhookUrl", "revision", "draft")


class FormerVoiceSettings(HandledResource, module="twilio", name="FormerVoiceSettings"):
    """What a phone number did with calls before."""

    handler = "providers.twilio.former_voice_settings:FormerVoiceSettingsHandler"
    computed = ("former",)
    # The address of somebody's own program may hold a password or a key.
    secret = ("former",)
    replaced_by = ("phoneNumber",)


class PhoneNumber(HandledResource, module="twilio", name="PhoneNumber"):
    """A phone number's calls, answered by a flow. Never released."""

    handler = "providers.twilio.phone_number:PhoneNumberHandler"
    secret = ("former",)
    replaced_by = ("phoneNumber",)
