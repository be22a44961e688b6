"""The dynamic resources of the Salesforce side: there is no Pulumi provider for Salesforce.

Handlers are named by strings, so that what Pulumi pickles into the state stays a plain reference.
"""

from __future__ import annotations

from providers.dynamic import HandledResource


class AdoptionReview(HandledResource, module="salesforce", name="AdoptionReview"):
    """What a first run would take over from somebody; asked for everything at once, before anything is made."""

    handler = "providers.salesforce.adoption_review:AdoptionReviewHandler"


class FormerValue(HandledResource, module="salesforce", name="FormerValue"):
    """What the org had before something is taken over; in the state before that happens."""

    handler = "providers.salesforce.former:FormerHandler"
    computed = ("value",)
    replaced_by = ("kind", "of")


class FormerMetadata(HandledResource, module="salesforce", name="FormerMetadata"):
    """Somebody's app, page or components from before the stack; put back when the stack goes."""

    handler = "providers.salesforce.former_metadata:FormerMetadataHandler"
    computed = ("there", "archive")
    # A page holds the consumer secret that somebody typed into it.
    secret = ("archive",)
    replaced_by = ("kind", "of")


class OauthApp(HandledResource, module="salesforce", name="OauthApp"):
    """An external client app in all its parts."""

    handler = "providers.salesforce.oauth_app:OauthAppHandler"
    computed = ("readBackRefused",)
    replaced_by = ("name",)


class OauthCredentials(HandledResource, module="salesforce", name="OauthCredentials"):
    """An app's consumer key and secret, looked up."""

    handler = "providers.salesforce.oauth_credentials:OauthCredentialsHandler"
    computed = ("consumerKey", "consumerSecret")
    secret = ("consumerKey", "consumerSecret", "knownConsumerKey", "knownConsumerSecret")
    replaced_by = ("app", "appId")


class OauthCors(HandledResource, module="salesforce", name="OauthCors"):
    """CORS for the org's OAuth endpoints."""

    handler = "providers.salesforce.oauth_cors:OauthCorsHandler"


class TrustedUrl(HandledResource, module="salesforce", name="TrustedUrl"):
    """One trusted URL."""

    handler = "providers.salesforce.trusted_url:TrustedUrlHandler"
    replaced_by = ("name",)


class LightningComponents(HandledResource, module="salesforce", name="LightningComponents"):
    """The Lightning component and its static resources. Nobody may depend on its outputs: they change with the code."""

    handler = "providers.salesforce.lightning_components:LightningComponentsHandler"
    computed = ("seen",)


class ContactPage(HandledResource, module="salesforce", name="ContactPage"):
    """The contact page with the component and its properties."""

    handler = "providers.salesforce.contact_page:ContactPageHandler"
    computed = ("sharedApp",)
    secret = ("consumerSecret", "former")
    replaced_by = ("name", "sobjectType")


class PageActivation(HandledResource, module="salesforce", name="PageActivation"):
    """The page that a record opens with, for everyone in the org."""

    handler = "providers.salesforce.page_activation:PageActivationHandler"
    replaced_by = ("at",)


class CallCenterPackage(HandledResource, module="salesforce", name="CallCenterPackage"):
    """An installed managed package; it stays when the stack goes, unless a setting says otherwise."""

    handler = "providers.salesforce.call_center_package:CallCenterPackageHandler"


class CallCenterMember(HandledResource, module="salesforce", name="CallCenterMember"):
    """One user's call centre."""

    handler = "providers.salesforce.call_center_member:CallCenterMemberHandler"
    replaced_by = ("username",)
