"""What the documents name exists: files, links with their anchors, tests, make targets, commands with their options, settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

import settings
from operations.cli import voice
from tests.clone import ROOT, files

# Written when something runs, so that no clone has them from the start.
MADE_AT_RUN_TIME = {"desk.png", "plan.json", "processes.json", "report.html", "report.json", "world.json", "world.log"}
SOMEBODY_ELSES = {"aa-integration-backend/deploy.sh", "lightning/platformResourceLoader", "studio_flows/sales.json"}
FILE = r"[\w.*/-]+\.(?:py|md|js|json|ya?ml|toml|txt|in|mod|sh|html|png|log)"


# Settings, those of the gcp provider that we take into account, and the word that stands for any.
KEYS = settings.fields_by_key().keys() | {"gcp:credentials", "KEY"}


FILES = frozenset(files())
PATHS = FILES | {parent.as_posix() for each in FILES for parent in Path(each).parents}
DOCUMENTS = sorted(each for each in FILES if each.endswith(".md"))
ROOMS = {each.partition("/")[0] for each in FILES if "/" in each}


@cache
def text(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def shown(document: str) -> list[str]:
    """What stands as code: between backticks, and the lines of a block."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text(document), re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^ *```\w*\n.*?^ *```", "", text(document), flags=re.DOTALL | re.MULTILINE)
    indented = [line for line in rest.splitlines() if line.startswith("    ")]
    return [*re.findall(r"`([^`]+)`", rest), *(line for block in blocks for line in block.splitlines()), *indented]


def anchors(document: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", text(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def exists(name: str, document: str) -> bool:
    """From the root, from the document's own folder, or the only end of a path, as tables write it that stay in one folder."""
    beside = (Path(document).parent / name).as_posix()
    if name in PATHS or beside in PATHS or name in SOMEBODY_ELSES or Path(name).name in MADE_AT_RUN_TIME:
        return True
    if name.startswith("build/"):
        return True
    if "*" in name:
        return any(Path(each).match(name) for each in PATHS)
    return any(each.endswith(f"/{name}") for each in PATHS)


def test_there_are_documents():
    assert {"README.md", "CHANGELOG.md", "connector/README.md", "docs/architecture.md", "docs/adr/README.md"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text(document)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (ROOT / document).parent.joinpath(file).resolve() if file else ROOT / document
        if not place.exists() or (anchor and anchor not in anchors(place.relative_to(ROOT).as_posix())):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_exist(document: str):
    absent = []
    for word in (word.strip(",;:()'\"") for quoted in shown(document) for word in quoted.split()):
        name = word.partition("::")[0].rstrip("/")
        a_path = re.fullmatch(FILE, name) or (re.fullmatch(r"[\w./-]+", name) and "/" in name and name.split("/")[0] in ROOMS)
        if a_path and not exists(name, document):
            absent.append(word)
    assert absent == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_tests_exist(document: str):
    absent = []
    for file, names in re.findall(r"\b(tests/[\w/]+\.py)::([\w:]+)", text(document)):
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        known = {each.name for each in ast.walk(ast.parse(text(file))) if isinstance(each, kinds)} if file in PATHS else set()
        absent += [f"{file}::{names}" for name in names.split("::") if name not in known]
    assert absent == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_exist(document: str):
    targets = set(re.findall(r"^([\w-]+):", text("Makefile"), re.MULTILINE))
    named = {target for quoted in shown(document) for target in re.findall(r"(?:^|[\s|&;])make ([a-z][\w-]*)", quoted)}
    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_exist(document: str):
    """`voice …`, with its sub-commands and long options."""
    faults = []
    for quoted in shown(document):
        for words in re.findall(r"(?:^|[\s|&;/])voice ([^|&;#]*)", quoted):
            faults += [f"voice {words}: {each}" for each in _unknown(words.split())]
    assert faults == []


def _unknown(words: list[str]) -> Iterator[str]:
    command: click.Command = voice
    context = click.Context(voice)
    while isinstance(command, click.Group) and words and re.fullmatch(r"[a-z]+", words[0]):
        if not (below := command.get_command(context, words[0])):
            yield words[0]
            return
        command, words = below, words[1:]
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    yield from (word for word in words if word.startswith("--") and word.strip("[]").partition("=")[0] not in options)


def commanded(words: str) -> set[str]:
    """The keys of `pulumi config set` and `rm`; of a path its beginning."""
    return set(re.findall(r"pulumi config (?:set|rm)(?: --[a-z]+)* '?([A-Za-z][\w:]+)", words))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_settings_exist(document: str):
    assert commanded(text(document)) - KEYS == set()


def test_every_setting_of_a_remedy_exists():
    """The commands that the program's own messages name."""
    speaking = [each for each in PATHS if each.endswith(".py") and each.split("/")[0] in {"components", "providers", "operations"}]
    assert {name: file for file in speaking for name in commanded(text(file)) - KEYS} == {}
