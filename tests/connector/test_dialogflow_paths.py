from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector import dialogflow_paths as paths

PROJECT = "voice-1-project"


@given(
    st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD"]),
    st.lists(
        st.sampled_from(
            [
                "..",
                ".",
                "%2e",
                "%2f",
                "conversations",
                "c1",
                ":",
                "?",
                "#",
                "@",
                "\\",
                "projects",
                PROJECT,
                "locations",
                "global",
                "",
                "é",
            ]
        ),
        max_size=9,
    ),
)
def test_whatever_is_let_through_is_made_of_plain_segments_of_the_own_project(method: str, segments: list[str]) -> None:
    raw = f"/v2beta1/projects/{PROJECT}/locations/" + "/".join(segments)
    try:
        target = paths.target(method, raw.encode(), PROJECT)
    except (paths.NotOffered, paths.MethodNotOffered):
        return
    assert re.fullmatch(rf"/v2beta1/projects/{PROJECT}/locations/[a-z0-9-]+(/[A-Za-z0-9_:-]+)+", target.path)
    assert paths.base_url(target.location).endswith("dialogflow.googleapis.com")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises((paths.NotOffered, paths.MethodNotOffered)):
        paths.target("GET", raw, PROJECT)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("global", "https://dialogflow.googleapis.com"),
        ("europe-west2", "https://europe-west2-dialogflow.googleapis.com"),
    ],
)
def test_hosts_come_from_a_template(location: str, url: str) -> None:
    target = paths.target("GET", f"/v2beta1/projects/{PROJECT}/locations/{location}/generators/g".encode(), PROJECT)
    assert paths.base_url(target.location) == url


@pytest.mark.parametrize(
    "query",
    ["", "pageSize=5&pageToken=a%2Fb", "filter=x%3D%22y%22", "updateMask=a,b", "alt=json", "conversationId=TW-1-CA2"],
)
def test_ordinary_queries_pass_unchanged(query: str) -> None:
    assert paths.check_query(query.encode()) == query


@pytest.mark.parametrize(
    "query", ["$httpMethod=DELETE", "a=1&%24alt=proto", "key=k", "Key=k", "k%65y=k", "alt=media", "%20key=k"]
)
def test_system_parameters_do_not_pass(query: str) -> None:
    with pytest.raises(paths.ParameterNotOffered):
        paths.check_query(query.encode())
