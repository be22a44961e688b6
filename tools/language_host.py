"""A Python language host for the Pulumi engine, where the official one is not installed.

The engine starts it with its own address as the first argument and reads a port from standard output. To run a program
it starts the SDK's `pulumi-language-python-exec` in the project's virtual environment. Source of the protocol:
proto/pulumi/language.proto of pulumi/pulumi; measured against engine 3.259.0.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

_VERSION = "3.259.0"
# The exec script's way to say "the user has been told already".
_BAIL = 32
_MESSAGE_BYTES = 400 * 1024 * 1024
_ENGINE_POLL_SECONDS = 1.0


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine's questions about this Python project, and runs it."""

    def __init__(self, engine_address: str) -> None:
        self._engine = engine_address
        self._programs: set[subprocess.Popen[bytes]] = set()

    def Handshake(self, request: Any, _context: Any) -> Any:
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=_VERSION)

    def About(self, request: Any, _context: Any) -> Any:
        return language_pb2.AboutResponse(executable=str(_python(request.info)), version=sys.version.split()[0])

    def GetRequiredPlugins(self, _request: Any, _context: Any) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, _request: Any, _context: Any) -> Any:
        """The resource plugins that the installed Python packages declare in their `pulumi-plugin.json`."""
        found = []
        for package in importlib.metadata.distributions():
            for each in package.files or ():
                if each.name == "pulumi-plugin.json":
                    plugin = json.loads(Path(str(each.locate())).read_text())
                    if plugin.get("resource"):
                        found.append(_dependency(plugin, package.version))
        return language_pb2.GetRequiredPackagesResponse(packages=found)

    def GetProgramDependencies(self, request: Any, _context: Any) -> Any:
        everything = [each.metadata["Name"] for each in importlib.metadata.distributions()]
        wanted = everything if request.transitiveDependencies else _declared(request.info)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=_installed(name)) for name in sorted(wanted)]
        )

    def RuntimeOptionsPrompts(self, _request: Any, _context: Any) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def InstallDependencies(self, request: Any, _context: Any) -> Iterator[Any]:
        if not _python(request.info).exists():
            yield language_pb2.InstallDependenciesResponse(
                stdout=b"Run `make engine`: it makes the project's virtual environment.\n"
            )

    def Run(self, request: Any, _context: Any) -> Any:
        executor = Path(__file__).resolve()
        program = os.environ.get("PULUMI_LANGUAGE_PYTHON_EXEC") or str(
            executor.with_name("pulumi-language-python-exec")
        )
        command = [
            str(_python(request.info)), "-u", program,
            "--monitor", request.monitor_address, "--engine", self._engine,
            "--project", request.project, "--stack", request.stack, "--organization", request.organization,
            "--root_directory", request.info.root_directory, "--pwd", request.pwd,
            "--dry_run", str(request.dryRun).lower(), "--parallel", str(request.parallel),
            str(Path(request.info.program_directory) / request.info.entry_point),
        ]  # fmt: skip
        environment = {
            **os.environ,
            # By the environment, as the official host does: arguments can be read by every user of the machine.
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        process = subprocess.Popen(command, cwd=request.info.program_directory, env=environment)
        self._programs.add(process)
        code = process.wait()
        self._programs.discard(process)
        if code == _BAIL:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error="" if code == 0 else f"the program ended with exit code {code}")

    def Cancel(self, _request: Any, _context: Any) -> Any:
        self.end_programs()
        return empty_pb2.Empty()

    def end_programs(self) -> None:
        """End the programs that are running; the engine asks for it, or is gone."""
        for process in tuple(self._programs):
            process.terminate()


def _dependency(plugin: dict[str, Any], version: str) -> Any:
    declared = plugin.get("version") or version
    version = f"v{declared.lstrip('v')}"
    return plugin_pb2.PackageDependency(
        name=plugin["name"], kind="resource", version=version, server=plugin.get("server", "")
    )


def _python(info: Any) -> Path:
    """The interpreter of the project's `virtualenv` option, else the one that runs this host."""
    options = dict(info.options.items()) if info.HasField("options") else {}
    inside = Path(info.root_directory) / options.get("virtualenv", ".venv") / "bin" / "python"
    return inside if inside.exists() else Path(sys.executable)


def _declared(info: Any) -> list[str]:
    wanted = Path(info.root_directory) / "requirements.in"
    lines = wanted.read_text().splitlines() if wanted.exists() else []
    return [line.split("==")[0].strip() for line in lines if line and not line.startswith(("#", "-"))]


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def main() -> None:
    address = next((each for each in sys.argv[1:] if not each.startswith("-")), "")
    options = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    host = LanguageHost(address)
    server = grpc.server(futures.ThreadPoolExecutor(8), options=options)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # the engine ends its plugins by SIGINT: no traceback then
        signal.signal(number, lambda *_: ended.set())
    server.start()
    print(port, flush=True)
    engine = os.getppid()
    # An engine that was killed says nothing: without this the host and the program would wait for it for ever.
    while not ended.wait(_ENGINE_POLL_SECONDS) and os.getppid() == engine:
        pass
    host.end_programs()
    server.stop(0)


if __name__ == "__main__":
    main()
