"""OAuth errors: RFC 6749's names with Salesforce's descriptions. Which name belongs to a closed flow is unverified."""

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


def invalid_assertion(what: str) -> OauthError:
    return OauthError("invalid_grant", f"invalid assertion: {what}")


def user_not_approved() -> OauthError:
    return OauthError("invalid_grant", "user hasn't approved this consumer")


def missing(parameter: str) -> OauthError:
    return OauthError("invalid_request", f"missing required parameter: {parameter}")
