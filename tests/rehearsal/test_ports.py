"""A port that is told to a program before it starts is that program's, and nobody else's, until it has ended for good."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path

import pytest

from rehearsal.google.container import Container
from rehearsal.google.images import Image
from rehearsal.ports import Port


def taken(port: int) -> bool:
    """Whether a stranger is refused there."""
    with socket.socket() as stranger:
        try:
            stranger.bind(("127.0.0.1", port))
        except OSError as error:
            assert error.errno == errno.EADDRINUSE
            return True
    return False


def test_nobody_else_gets_it_before_its_program_has_it() -> None:
    """Where the system lets two sockets share a port that nobody listens on; elsewhere the program would be kept out too."""
    kept = Port()
    assert taken(kept.number) == (sys.platform == "linux")
    with socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(("127.0.0.1", kept.number))


def test_its_program_listens_there_and_again_after_it_has_ended() -> None:
    kept = Port()
    for _ in range(2):
        with socket.create_server(("127.0.0.1", kept.number)) as server, socket.create_connection(server.getsockname()) as client:
            assert client.getpeername()[1] == kept.number
            assert taken(kept.number)
    assert taken(kept.number) == (sys.platform == "linux")


def test_it_is_free_when_nobody_holds_it_any_more() -> None:
    kept = Port()
    number = kept.number
    del kept
    assert not taken(number)


def test_an_instance_of_cloud_run_holds_its_ports_from_the_beginning(tmp_path: Path) -> None:
    container = Container(
        service="s",
        revision="r",
        image=Image("sha256:0", tmp_path),
        command=["false"],
        env={"METRICS_PORT": "9090"},
        files={},
        mounts=[],
        probes={},
        home=tmp_path,
        log=tmp_path / "log",
    )
    assert taken(container.port) == (sys.platform == "linux")
