"""The rules of each metadata type, by its name."""

from __future__ import annotations

from rehearsal.salesforce.rules import apps, external_client_app, lightning, packages, pages, settings, trusted_urls
from rehearsal.salesforce.rules.base import Context, Refusal, Rule

_CLASSES: dict[str, type[Rule]] = {
    "Settings": settings.SettingsRule,
    "CspTrustedSite": trusted_urls.CspTrustedSiteRule,
    "CorsWhitelistOrigin": trusted_urls.CorsWhitelistOriginRule,
    "StaticResource": lightning.StaticResourceRule,
    "ExternalClientApplication": external_client_app.ExternalClientApplicationRule,
    "ExtlClntAppOauthSettings": external_client_app.OauthSettingsRule,
    "ExtlClntAppGlobalOauthSettings": external_client_app.GlobalOauthRule,
    "ExtlClntAppConfigurablePolicies": external_client_app.PartRule,
    "ExtlClntAppOauthConfigurablePolicies": external_client_app.OauthPoliciesRule,
    "LightningComponentBundle": lightning.LightningComponentBundleRule,
    "FlexiPage": pages.FlexiPageRule,
    "CustomObject": pages.CustomObjectRule,
    "CustomApplication": apps.CustomApplicationRule,
    "InstalledPackage": packages.InstalledPackageRule,
    "CallCenter": packages.CallCenterRule,
}
RULES: dict[str, Rule] = {name: kind(name) for name, kind in _CLASSES.items()}

__all__ = ["RULES", "Context", "Refusal", "Rule"]
