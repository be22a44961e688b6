"""The Pulumi engine: the installed one where it is new enough, else compiled from its published Go module.

The official distribution is not needed: the command line, the engine, and two small files of the Python SDK are all in
Go modules. What no registry carries is the Python language host; ours is tools/language_host.py (docs/adr/0001).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import cache, programs, say

VERSION = "3.259.0"
LOWEST = (3, 259)
_MODULE = Path(__file__).resolve().parent.parent / "engine"
_COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
# Found by the engine on PATH: the launcher of dynamic providers, and the file that runs a Python program.
_SDK_FILES = ("python/dist/pulumi-resource-pulumi-python", "python/cmd/pulumi-language-python-exec")
_HOST = Path(__file__).resolve().parent.parent / "language_host.py"
# PULUMI_PYTHON_CMD names the clone's interpreter (.voice/env); the host itself needs its packages.
_LAUNCHER = """#!/bin/sh
here=$(dirname "$0")
export PULUMI_LANGUAGE_PYTHON_EXEC="$here/pulumi-language-python-exec"
exec "${PULUMI_PYTHON_CMD:-python3}" "$here/language_host.py" "$@"
"""
_OFFICIAL = "The official way to get Pulumi: https://www.pulumi.com/docs/install/"


@dataclass(frozen=True)
class Engine:
    """path: the `pulumi` to call; origin: "installed" or "compiled"; support: folder with our language host and the
    SDK's two files that must be on PATH besides, or None where the official ones are there."""

    path: Path
    version: str
    origin: str
    support: Path | None


def find_or_make() -> Engine:
    """The engine to use. Raises cache.Missing with the official way when there is none and it cannot be compiled."""
    installed = shutil.which("pulumi", path=_path_without_ours())
    if installed and (version := _version(Path(installed))):
        if tuple(map(int, version.split(".")[:2])) >= LOWEST:
            hosted = shutil.which("pulumi-language-python", path=_path_without_ours())
            return Engine(Path(installed), version, "installed", None if hosted else _support())
        say.line(f"pulumi {version} on PATH is older than {'.'.join(map(str, LOWEST))}: compiling {VERSION} instead")
    compiled = cache.entry(f"engine-{VERSION}", _compile, lambda folder: _version(folder / "pulumi") == VERSION) / "pulumi"
    # The engine takes a language host without a warning only from its own folder: so the two are brought together here.
    support = _support(compiled)
    return Engine(support / "pulumi", VERSION, "compiled", support)


def _support(compiled: Path | None = None) -> Path:
    """A folder with our language host and the SDK's two files, and with the compiled engine where one was needed.

    Keyed by the host's content: a clone with another host never changes the one that a running engine uses.
    """
    host = _HOST.read_bytes()
    name = f"engine-{VERSION}-{'host' if compiled else 'support'}-{hashlib.sha256(host).hexdigest()[:8]}"

    def make(folder: Path) -> None:
        _copy_sdk_files(_go(), folder)
        (folder / _HOST.name).write_bytes(host)
        launcher = folder / "pulumi-language-python"
        launcher.write_text(_LAUNCHER)
        launcher.chmod(0o755)
        if compiled:
            (folder / "pulumi").hardlink_to(compiled)

    return cache.entry(name, make, lambda folder: (folder / "pulumi-language-python").is_file())


def _path_without_ours() -> str:
    """PATH without the folder of launchers that this bootstrap writes, or it would find itself."""
    return os.pathsep.join(each for each in os.environ.get("PATH", "").split(os.pathsep) if not each.endswith("/.voice/bin"))


def _go() -> Path:
    try:
        return programs.find(programs.GO)
    except cache.Missing as error:
        lowest = ".".join(map(str, LOWEST))
        raise cache.Missing(f"No pulumi {lowest} or newer on PATH, and it cannot be compiled.\n{error}\n{_OFFICIAL}") from None


def _compile(folder: Path) -> None:
    go = _go()
    say.line(f"Compiling the Pulumi engine {VERSION} (once per version; about four minutes on two cores)")
    # The flag gives the binary its version: without one the engine refuses to work with the SDK.
    flags = f"-s -w -X {_SDK}/go/common/version.Version=v{VERSION}"
    total = len(_run(go, ["list", "-deps", _COMMAND], "fetching the engine's modules").splitlines())
    counter = say.Counter(f"Compiling the Pulumi engine {VERSION}", total)
    command = [str(go), "build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", str(folder / "pulumi"), _COMMAND]
    last: list[str] = []
    with subprocess.Popen(command, cwd=_MODULE, env=_go_environment(), stderr=subprocess.PIPE, text=True) as build:
        try:
            for text in build.stderr or ():
                last = [*last[-7:], text.rstrip()]
                counter.step()
        except BaseException:
            build.kill()
            raise
    counter.end()
    if build.returncode != 0:
        raise cache.Missing("The engine did not compile; Go said:\n  " + "\n  ".join(last) + f"\n{_OFFICIAL}")


def _copy_sdk_files(go: Path, folder: Path) -> None:
    sdk = Path(_run(go, ["list", "-m", "-f", "{{.Dir}}", _SDK], "finding the SDK's module").strip())
    for name in _SDK_FILES:
        target = folder / Path(name).name
        shutil.copyfile(sdk / name, target)
        target.chmod(0o755)


def _run(go: Path, arguments: list[str], doing: str) -> str:
    done = subprocess.run([str(go), *arguments], cwd=_MODULE, env=_go_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise cache.Missing(
            f"Failed while {doing}. It needs a Go module proxy (GOPROXY). Go said:\n  "
            + "\n  ".join(done.stderr.splitlines()[-6:]) + f"\n{_OFFICIAL}"
        )
    return done.stdout


def _go_environment() -> dict[str, str]:
    # GOTOOLCHAIN=local: the Go that was found must do; it must not fetch another. GOWORK and GOFLAGS of the user stay out.
    return {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}


def _version(program: Path) -> str | None:
    """What `pulumi version` says, without the v; None when it does not run."""
    try:
        said = subprocess.run(
            [str(program), "version"], capture_output=True, text=True, timeout=300, check=False,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.match(r"v?(\d+\.\d+\.\d+)", said.stdout.strip())
    return number.group(1) if number and said.returncode == 0 else None
