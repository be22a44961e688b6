"""Every secret setting with a value of its own that is wrong, in a stack that is being debugged: whatever the program and the
engine say and write then, it is not that value. And a whole life with such values, after which no file holds one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import settings
from operations.engine import Engine
from rehearsal.plan import Plan
from tests.engine.local_world import LocalWorld, Said
from tests.engine.secret_forms import Arguments, Secrets, found_below, found_in

pytestmark = pytest.mark.engine
# One step below the level at which the engine writes every value that it sends to a provider (docs/hard-won-facts.md).
DEBUGGING = ("--debug", "--logtostderr", "-v=8", "--logflow")
OTHER_WAYS_TO_SIGN_IN = ("salesforceAccessToken",)


def word() -> str:
    """A value that is nowhere else."""
    return f"canary-{secrets.token_urlsafe(24)}"


def own_key() -> str:
    """An RSA key that no app knows, as PEM."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.private_bytes(*form).decode()


@dataclass(frozen=True)
class Wrong:
    """A secret that a vendor or a library refuses. without: settings that must go, so that it is looked at; told: of the refusal."""

    name: str
    value: str = field(repr=False)
    told: str
    without: tuple[str, ...] = ()
    besides: dict[str, str] = field(default_factory=dict)


# Each costs a preview. What a library says of a value of the wrong form is in tests/providers/*/test_sign_in.py and the like.
WRONG = {
    "a Twilio key": lambda: Wrong("twilioApiKeySecret", word(), "error: Twilio: the API key is not accepted"),
    "a Salesforce token": lambda: Wrong("salesforceAccessToken", word(), "error: Salesforce: "),
    "a private key of another app": lambda: Wrong(
        "salesforcePrivateKey",
        own_key(),
        "error: Salesforce: ",
        OTHER_WAYS_TO_SIGN_IN,
        {"salesforceClientId": "3MVG9canary", "salesforceUsername": "admin@rehearsal.example"},
    ),
    "a client secret": lambda: Wrong(
        "salesforceClientSecret", word(), "error: Salesforce: ", OTHER_WAYS_TO_SIGN_IN, {"salesforceClientId": "3MVG9canary"}
    ),
    "a consumer key without its secret": lambda: Wrong("oauthConsumerKey", word(), "error: 1 setting has a fault"),
    "a consumer secret without its key": lambda: Wrong("oauthConsumerSecret", word(), "error: 1 setting has a fault"),
}


@pytest.fixture(scope="module")
def refused(life: LocalWorld) -> dict[str, tuple[Said, Secrets]]:
    """Each wrong secret: what a preview that is being debugged says, and the values not to be seen in it."""
    return {case: _previewed(life, make()) for case, make in WRONG.items()}


def _previewed(world: LocalWorld, wrong: Wrong) -> tuple[Said, Secrets]:
    with world.settings(**dict.fromkeys((wrong.name, *wrong.without)), **wrong.besides) as other:
        Engine(world.project, {**world.environment, **other}).set_secret(Plan.read(world.project).key(wrong.name), wrong.value)
        # Its log goes to a file among the temporary ones, which are looked through at the end.
        said = world.pulumi("preview", "--debug", "-v=8", "--logflow", environment=other)
    lines = {f"line {at}": line for at, line in enumerate(wrong.value.splitlines()) if len(line) >= 40}
    return said, Secrets({wrong.name: wrong.value, **lines})


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_secret_is_refused_and_never_said(refused: dict[str, tuple[Said, Secrets]], case: str) -> None:
    said, values = refused[case]
    assert said.code != 0
    assert WRONG[case]().told in said.out
    assert found_in(said.all, values) == []
    assert "Traceback" not in said.all


def test_every_secret_setting_has_a_case() -> None:
    of_this_program = {name for name, each in settings.fields_by_key().items() if settings.is_secret(each)}
    # It is used by a flow that holds it and by nothing else: in the life below it is a canary from beginning to end.
    assert of_this_program - {"twilioAuthToken"} == {make().name for make in WRONG.values()}


@dataclass
class Life:
    """said: what each command said; values: not to be seen anywhere; remaining: files that hold one when all is over."""

    said: dict[str, Said]
    values: Secrets
    arguments: Arguments
    exported: dict[str, str]
    remaining: dict[str, list[str]]


@pytest.fixture(scope="module")
def debugged(life: LocalWorld, refused: dict[str, tuple[Said, Secrets]]) -> Iterator[Life]:
    """up, a look from every side, and destroy, all of it debugged."""
    canaries = {"oauthConsumerKey": word(), "oauthConsumerSecret": word(), "twilioAuthToken": secrets.token_hex(16)}
    for name, value in canaries.items():
        life.engine().set_secret(Plan.read(life.project).key(name), value)
    said: dict[str, Said] = {}
    with Arguments() as arguments:
        said["preview"] = life.pulumi("preview", "--json", "--show-sames", *DEBUGGING)
        said["up"] = life.pulumi("up", "--yes", "--skip-preview", "--diff", "--show-config", *DEBUGGING)
        assert said["up"].code == 0, said["up"].out
        life.wait_for_services()
        values = Secrets({**life.secrets(), **canaries})
        said["refresh"] = life.pulumi("refresh", "--yes", "--diff", *DEBUGGING)
        said["rotate"] = life.voice("rotate", "oauth", "--json")
        rotated = life.secrets()
        values.update({f"rotated {name}": value for name, value in rotated.items() if value not in values.values()})
        for name, command in {
            "stack": ("stack", "--show-ids", "--show-urns"),
            "output": ("stack", "output"),
            "output as JSON": ("stack", "output", "--json"),
            "config": ("config",),
            "history": ("stack", "history", "--json", "--full-dates"),
        }.items():
            said[name] = life.pulumi(*command)
        exported = {"state": life.pulumi("stack", "export").out, "with secrets": life.pulumi("stack", "export", "--show-secrets").out}
        said["destroy"] = life.pulumi("destroy", "--yes", "--diff", *DEBUGGING)
    life.stop()
    everything = Secrets(values | {f"wrong {each}": value for _, wrong in refused.values() for each, value in wrong.items()})
    yield Life(said, everything, arguments, exported, found_below(life.project.parent, everything))


def test_every_command_did_its_work(debugged: Life) -> None:
    assert {name: said.code for name, said in debugged.said.items() if said.code != 0} == {}
    assert "rotated consumerSecret" in debugged.values
    # The engine did write its log of that level.
    assert all(len(debugged.said[each].err) > 100_000 for each in ("preview", "up", "refresh", "destroy"))


def test_no_command_says_a_secret(debugged: Life) -> None:
    assert {name: found for name, said in debugged.said.items() if (found := found_in(said.all, debugged.values))} == {}


def test_the_state_holds_each_encrypted_and_none_in_the_open(debugged: Life) -> None:
    assert found_in(debugged.exported["state"], debugged.values) == []
    held = found_in(debugged.exported["with secrets"], debugged.values)
    assert {"oauthConsumerKey", "oauthConsumerSecret", "key", "authString", "rotated consumerSecret"} <= set(held)


def test_no_argument_holds_one(debugged: Life) -> None:
    assert debugged.arguments.of("pulumi destroy --yes")
    assert {name for each in debugged.arguments.seen for name in found_in(each, debugged.values)} == set()


def test_no_file_holds_one_when_all_is_over(debugged: Life) -> None:
    assert debugged.remaining == {}
