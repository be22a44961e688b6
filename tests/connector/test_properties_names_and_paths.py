"""For all names, paths and queries: what is accepted is made of checked parts, and what is well-formed is accepted."""

from __future__ import annotations

from urllib.parse import quote, unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector import dialogflow_paths, names
from connector.dialogflow_paths import MethodNotOffered, NotOffered, ParameterNotOffered
from connector.names import NotAConversation
from tests.connector.world import PROJECT

IDS = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_-]{2,63}", fullmatch=True)
LOCATIONS = st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True)
PROJECTS = st.from_regex(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", fullmatch=True)
ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=120)
PIECES = st.sampled_from(
    ["..", ".", "%2e", "%2E%2e", "%252e", "%2f", "%5c", "\\", "//", "/", ":", "%3a", "@", "#", "?", "%3F", ";", "%00", "abc", "*", "~"]
)


class TestNames:
    @given(PROJECTS, LOCATIONS, IDS)
    def test_well_formed_names_are_read_and_written_back(self, project: str, location: str, identity: str) -> None:
        full = f"projects/{project}/locations/{location}/conversations/{identity}"
        name = names.parse(full, project)
        assert (str(name), name.room) == (full, f"projects/{project}/conversations/{identity}")
        assert names.parse(name.room, project).room == name.room

    @given(PROJECTS, PROJECTS, IDS)
    def test_project_is_compared_whole(self, project: str, other: str, identity: str) -> None:
        name = f"projects/{other}/conversations/{identity}"
        if project == other:
            assert names.parse(name, project).project == project
        else:
            with pytest.raises(NotAConversation):
                names.parse(name, project)

    @given(IDS, st.integers(0, 100), st.characters())
    def test_one_foreign_character_anywhere_is_refused_or_makes_another_plain_name(
        self, identity: str, place: int, character: str
    ) -> None:
        name = f"projects/{PROJECT}/conversations/{identity}"
        changed = name[: place % (len(name) + 1)] + character + name[place % (len(name) + 1) :]
        try:
            found = names.parse(changed)
        except NotAConversation:
            return
        assert character.isascii() and (character.isalnum() or character in "-_:.")
        assert found.room == changed

    @given(st.one_of(st.none(), st.integers(), st.binary(), st.lists(st.text()), st.dictionaries(st.text(), st.text())))
    def test_what_is_no_text_is_no_name(self, content: object) -> None:
        with pytest.raises(NotAConversation):
            names.parse(content)


class TestPaths:
    @given(st.sampled_from(["v2", "v2beta1"]), LOCATIONS, IDS, st.sampled_from(["", "/messages", "/participants"]))
    def test_offered_paths_go_through_as_they_are(self, version: str, location: str, identity: str, tail: str) -> None:
        path = f"/{version}/projects/{PROJECT}/locations/{location}/conversations/{identity}{tail}"
        target = dialogflow_paths.target("GET", path.encode(), PROJECT)
        assert (target.path, target.location) == (path, location)

    @given(LOCATIONS)
    def test_host_is_googles_whatever_the_location(self, location: str) -> None:
        host = httpx.URL(dialogflow_paths.base_url(location)).host
        assert host in ("dialogflow.googleapis.com", f"{location}-dialogflow.googleapis.com")

    @given(st.lists(PIECES, max_size=8).map("".join), st.sampled_from(["GET", "POST", "PATCH"]))
    def test_no_mixture_of_escapes_leaves_the_resource(self, tail: str, method: str) -> None:
        raw = f"/v2beta1/projects/{PROJECT}/locations/global/conversations/{tail}"
        try:
            target = dialogflow_paths.target(method, raw.encode(), PROJECT)
        except (NotOffered, MethodNotOffered):
            return
        assert target.path.startswith(f"/v2beta1/projects/{PROJECT}/locations/global/conversations/")
        assert target.path == unquote(raw)
        assert not any(each in target.path for each in ("..", "//", "%", "\\", "?", "#", "@", ";"))

    @given(ASCII)
    def test_no_location_makes_another_host(self, location: str) -> None:
        try:
            found = dialogflow_paths.target(
                "GET", f"/v2/projects/{PROJECT}/locations/{location}/generators/g".encode(), PROJECT
            ).location
        except (NotOffered, MethodNotOffered):
            return
        assert httpx.URL(dialogflow_paths.base_url(found)).host.endswith("dialogflow.googleapis.com")
        assert found == location

    @given(st.binary(max_size=200))
    def test_bytes_are_no_path(self, raw: bytes) -> None:
        with pytest.raises((NotOffered, MethodNotOffered)):
            dialogflow_paths.target("GET", raw, PROJECT)


class TestQueries:
    @given(st.dictionaries(st.sampled_from(["pageSize", "pageToken", "fields", "filter", "updateMask"]), st.text(max_size=20)))
    def test_ordinary_parameters_go_through(self, parameters: dict[str, str]) -> None:
        query = httpx.QueryParams(parameters)
        assert dialogflow_paths.check_query(str(query).encode()) == str(query)

    @given(
        st.sampled_from(["$httpMethod", "$.xgafv", "access_token", "key", "callback", "oauth_token", "alt", "uploadType"]),
        st.sampled_from([str, str.upper, str.title, lambda name: quote(name, safe=""), lambda name: f" {name}", lambda name: f"{name}+"]),
        st.sampled_from(["{}=x", "a=b&{}=x", "{}", "{}=&a=b", "a&&{}=x"]),
    )
    def test_parameters_of_the_system_never_do(self, name: str, spelled: object, query: str) -> None:
        written = query.format(spelled(name)).replace(" ", "+")  # type: ignore[operator]
        with pytest.raises(ParameterNotOffered):
            dialogflow_paths.check_query(written.encode())
