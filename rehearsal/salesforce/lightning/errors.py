"""What the user interface refuses."""

from __future__ import annotations


class PageError(Exception):
    """status: HTTP's; a browser without a session would be led to the login page."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def no_session() -> PageError:
    return PageError(401, "no session: log in")


def api_only() -> PageError:
    return PageError(403, "this user or session may use the API only")


def no_record(record_id: str) -> PageError:
    return PageError(404, f"there is no contact with the id {record_id}")


def no_resource(name: str) -> PageError:
    return PageError(404, f"there is no static resource {name}")


def no_module(name: str) -> PageError:
    return PageError(404, f"there is no module {name}")


def no_compiler(why: str) -> PageError:
    return PageError(503, f"Lightning web components cannot be compiled: {why}")


def not_compiled(name: str, problem: str) -> PageError:
    """Salesforce would not have taken such a bundle; here its deployment was checked without the compiler."""
    return PageError(500, f"the Lightning web component {name} does not compile: {problem}")
