"""The one place where configuration is read.

The models stand beside their components; here they are composed. Every fault is reported at once, each with the command
that fixes it, before anything is planned. Values of secrets never appear in a message.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

import pulumi
from pulumi.runtime import config as runtime_config
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from components.google.settings import GoogleSettings, ProjectSettings
from components.salesforce.settings import SalesforceSettings
from components.settings_model import SettingFaults, SettingsModel
from components.twilio.settings import TwilioSettings


@dataclass(frozen=True)
class Settings:
    """All settings of one environment, checked."""

    project: ProjectSettings
    google: GoogleSettings
    twilio: TwilioSettings
    salesforce: SalesforceSettings

    @property
    def service_endpoints(self) -> dict[str, str]:
        """What the services must be told when a vendor is not at its usual address: environment variable -> base URL."""
        google = self.google.dialogflow_endpoint
        certificates = f"{google.rstrip('/')}/oauth2/v3/certs" if google else None
        endpoints = {
            "DIALOGFLOW_URL": self.google.dialogflow_endpoint,
            "GOOGLE_CERTS_URL": certificates,
            "SALESFORCE_URL": self.salesforce.endpoint,
            "TWILIO_API_URL": self.twilio.endpoint,
        }
        return {name: url.rstrip("/") for name, url in endpoints.items() if url}

    @property
    def agent_origins(self) -> list[str]:
        """The web origins that agents' pages come from: the org's Lightning and My Domain hosts, and configured ones."""
        domain = self.salesforce.domain
        hosts = [f"https://{domain.replace('.my.salesforce.com', '.lightning.force.com')}", f"https://{domain}"]
        own = [self.salesforce.endpoint.rstrip("/")] if self.salesforce.endpoint else []
        return sorted({*hosts, *own, *self.google.cors_allowed_origins})


_MODELS: dict[str, type[SettingsModel]] = {
    "project": ProjectSettings,
    "google": GoogleSettings,
    "twilio": TwilioSettings,
    "salesforce": SalesforceSettings,
}


# The SDK's own exit code for "the user has been told": with any other the engine adds a second, empty error of its own.
_USER_WAS_TOLD = 32


def load() -> Settings:
    """The settings of the stack that is running. Ends the program after telling every fault."""
    try:
        return read(dict(runtime_config.CONFIG.get()), pulumi.get_project(), runtime_config.is_config_secret)
    except pulumi.RunError as faults:
        pulumi.log.error(str(faults))
        sys.exit(_USER_WAS_TOLD)


def read(values: Mapping[str, str], project: str, encrypted: Callable[[str], bool]) -> Settings:
    """Settings out of `values` (full key -> text, JSON for lists), as the engine hands them over.

    `encrypted(full key)` says whether the value is stored encrypted. Raises pulumi.RunError with every fault.
    """
    given = {_bare(name, project): value for name, value in values.items()}
    faults = _unknown_keys(given, project)
    made: dict[str, Any] = {}
    for part, model in _MODELS.items():
        fields = {field.alias: field for field in model.model_fields.values() if field.alias}
        faults += [_plain_secret(name) for name in fields if _is_plain_secret(name, fields[name], given, project, encrypted)]
        try:
            made[part] = model.model_validate({name: _parsed(given[name], fields[name]) for name in fields if given.get(name, "") != ""})
        except ValidationError as error:
            faults += [told for each in error.errors(include_url=False) for told in _told(each, fields)]
    faults += _between(made)
    if faults:
        count = "1 setting has a fault" if len(faults) == 1 else f"{len(faults)} settings have faults"
        raise pulumi.RunError(f"{count}:\n" + "\n".join(f"  - {each}" for each in sorted(set(faults))))
    return Settings(**made)


def fields_by_key() -> dict[str, FieldInfo]:
    """Every configuration key with the field that declares it; documentation and tests read it."""
    return {field.alias: field for model in _MODELS.values() for field in model.model_fields.values() if field.alias}


def _named_fields() -> dict[str, str]:
    return {field.alias: name for model in _MODELS.values() for name, field in model.model_fields.items() if field.alias}


def _bare(name: str, project: str) -> str:
    """Keys of this project lose the project's name; keys of providers (gcp:project) keep theirs."""
    return name.removeprefix(f"{project}:")


def _parsed(value: str, field: FieldInfo) -> Any:
    if get_origin(field.annotation) not in (list, tuple, dict):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _unknown_keys(given: Mapping[str, str], project: str) -> list[str]:
    known = fields_by_key()
    faults = []
    for name in given:
        space, _, bare = name.rpartition(":")
        if space and bare in known:
            fix = f"write {project}:{bare} in the stack's file"
            faults.append(f"{name} belongs to a project named {space}, this one is {project}. Fix: {fix}")
        if name in known or space:  # a key of another package, such as gcp:impersonateServiceAccount
            continue
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else "."
        faults.append(f"{name} is not a setting of this program{hint} Fix: pulumi config rm {name}")
    return faults


def _is_plain_secret(name: str, field: FieldInfo, given: Mapping[str, str], project: str, encrypted: Callable[[str], bool]) -> bool:
    return is_secret(field) and given.get(name, "") != "" and not encrypted(f"{project}:{name}")


def _plain_secret(name: str) -> str:
    return (
        f"{name} is a secret, but its value stands in plain text in the stack's file: treat it as known, and make a new one. "
        f"Fix: {_command(name, fields_by_key()[name])}"
    )


def _between(made: Mapping[str, Any]) -> list[str]:
    """Faults that two vendors' settings have together."""
    google, twilio = made.get("google"), made.get("twilio")
    if google is None or twilio is None or google.gtp_phone_number not in twilio.gtp_profiles:
        return []
    at = next(at for at, each in enumerate(twilio.lines) if each.gtp_phone_number == google.gtp_phone_number)
    path = f"lines[{at}].gtpPhoneNumber"
    return [f"{path}: this is gtpPhoneNumber, which every line has without its saying so. Fix: pulumi config rm --path '{path}'"]


def _told(error: Any, fields: Mapping[str, FieldInfo]) -> list[str]:
    """One finding of pydantic as: setting, what is wrong, how to put it right; more where a validator found several."""
    cause = (error.get("ctx") or {}).get("error")
    return list(cause.faults) if isinstance(cause, SettingFaults) else [_one(error, fields)]


# pydantic's types of errors for a value that is none of those that there are.
_ONE_OF = frozenset({"enum", "literal_error"})


def _one(error: Any, fields: Mapping[str, FieldInfo]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if name not in fields:  # of a default that is not good enough, pydantic tells the field's name in the model
        name = next((alias for alias in fields if _named_fields()[alias] == name), name)
    message = error["msg"].removeprefix("Value error, ")
    if name not in fields:  # a fault of several settings together: the validator's own text names them and the remedy
        return message
    field = fields[name]
    where = name + "".join(f"[{part}]" for part in error["loc"][1:])
    at = next((part for part in error["loc"][1:] if isinstance(part, int)), 0)
    if error["type"] in _ONE_OF:
        # No secret is one of a few words; the value of any other setting is not repeated.
        meant = _nearest(str(error["input"]), re.findall(r"'([^']+)'", error["ctx"]["expected"]))
        return f"{where}: {error['input']!r} is not {error['ctx']['expected']}. Fix: {_command(name, field, at, meant)}"
    command = _command(name, field, at)
    if error["type"] == "missing":
        return f"{where} is missing: {field.description}. Fix: {command}"
    if "Fix: " in message:  # the validator knows a better remedy than another value
        return f"{where}: {message}"
    return f"{where}: {message.rstrip('.')}. Fix: {command}"


def _nearest(value: str, words: list[str]) -> str | None:
    """Which of the words was meant; None where it is like none of them."""
    by_sound = {each.casefold(): each for each in words}
    close = difflib.get_close_matches(value.casefold(), by_sound, 1, 0.4)
    return by_sound[close[0]] if close else None


def _command(name: str, field: FieldInfo, at: int = 0, value: str | None = None) -> str:
    """value: what to set instead; without it the setting's example."""
    if is_secret(field):
        return f"pulumi config set --secret {name}"
    example = value or (field.examples or [""])[0]
    if get_origin(field.annotation) in (list, tuple):
        first = json.loads(example)[0] if example.startswith("[") else example
        return f"pulumi config set --path '{name}[{at}]' {_quoted(first)}"
    return f"pulumi config set {name} {_quoted(str(example))}"


def _quoted(text: str) -> str:
    return text if all(each.isalnum() or each in "+-_.:/@" for each in text) else f"'{text}'"


def is_secret(field: FieldInfo) -> bool:
    """Whether a key's value must be stored encrypted."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("secret"))
