"""OAuth errors: RFC 6749's names with Salesforce's descriptions. Which name belongs to a closed flow is unverified;
those of the JWT bearer flow are what people have met."""

from __future__ import annotations


class OauthError(Exception):
    """status: HTTP's; error and description as the token endpoint answers them."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


def unsupported_grant() -> OauthError:
    return OauthError("unsupported_grant_type", "grant type not supported")


def invalid_client_id() -> OauthError:
    return OauthError("invalid_client_id", "client identifier invalid")


def invalid_client() -> OauthError:
    return OauthError("invalid_client", "invalid client credentials")


def flow_closed() -> OauthError:
    return OauthError("invalid_grant", "no client credentials user enabled")


def invalid_assertion() -> OauthError:
    """Salesforce says no more, whatever is wrong with it."""
    return OauthError("invalid_grant", "invalid assertion")


def audience_invalid() -> OauthError:
    return OauthError("invalid_grant", "audience is invalid")


def assertion_expired() -> OauthError:
    """What one reads whose clock is behind."""
    return OauthError("invalid_grant", "expired authorization code")


def user_not_approved() -> OauthError:
    return OauthError("invalid_grant", "user hasn't approved this consumer")


def not_admin_approved() -> OauthError:
    return OauthError("invalid_app_access", "user is not admin approved to access this app")


def ip_restricted() -> OauthError:
    return OauthError("invalid_grant", "ip restricted")


def missing(parameter: str) -> OauthError:
    return OauthError("invalid_request", f"missing required parameter: {parameter}")
