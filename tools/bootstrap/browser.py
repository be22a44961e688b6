"""The agent's desk in a real browser: Chromium, Playwright to drive it, and the compiler of Lightning web components.

Nothing here fails a bootstrap. Where one of the three cannot be had, the plain desk runs, and the rehearsal's report says why.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.bootstrap import cache, node_packages, packages, say
from tools.bootstrap.node_packages import PackageSet

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
# The first with which this Playwright is known to work is newer; older ones lack what it asks for at the start.
_LOWEST = 120
_REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements-browser.txt"
# With the Python it is for: one of the packages below it is compiled.
_PLAYWRIGHT = f"playwright-1.65.2-python{sys.version_info.major}.{sys.version_info.minor}"
_DRIVER = "playwright/driver/node"
LIGHTNING = PackageSet("npm-lightning", "@lwc/compiler/package.json", "the compiler of Lightning web components")
_APT_SECONDS = 900
_ASK_AGAIN_SECONDS = 24 * 3600.0
_APT_QUICK = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10")
_OFF = "none"


def find_or_install(node: Path) -> dict[str, str]:
    """VOICE_CHROMIUM, VOICE_PLAYWRIGHT and VOICE_LWC; or only VOICE_NO_BROWSER, which says why not.

    VOICE_CHROMIUM in the environment names the program; `none` keeps the desk plain.
    """
    try:
        program = _chromium()
        driver = packages.folder(_PLAYWRIGHT, _REQUIREMENTS, _DRIVER)
        compiler = node_packages.find_or_install(node, LIGHTNING)
    except cache.Missing as missing:
        say.line(f"voice: {missing}\nThe rehearsal goes on with a plain desk in place of a browser.")
        return {"VOICE_NO_BROWSER": str(missing).splitlines()[0].removesuffix(" npm said:")}
    return {
        "VOICE_CHROMIUM": str(program),
        "VOICE_PLAYWRIGHT": str(driver.parent.parent.parent),
        "VOICE_LWC": str(compiler),
    }


def _chromium() -> Path:
    named = os.environ.get("VOICE_CHROMIUM")
    if named == _OFF:
        raise cache.Missing("No browser is wanted (VOICE_CHROMIUM=none).")
    if named:
        if _usable(Path(named)):
            return Path(named)
        raise cache.Missing(f"VOICE_CHROMIUM names {named}, which is no Chromium {_LOWEST} or newer that runs.")
    if found := _on_this_machine():
        return found
    if why := _apt_refuses():
        raise cache.Missing(f"There is no Chromium {_LOWEST} or newer on PATH, and {why}. Install it, or name one in VOICE_CHROMIUM.")
    if found := _on_this_machine():
        return found
    raise cache.Missing("apt-get installed a chromium that does not run. Name a browser in VOICE_CHROMIUM.")


def _on_this_machine() -> Path | None:
    on_path = (shutil.which(name) for name in _NAMES)
    candidates = [*(Path(each) for each in on_path if each), *_APPLICATIONS]
    return next((each for each in candidates if each.exists() and _usable(each)), None)


def _usable(program: Path) -> bool:
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    found = re.search(r"(?:Chromium|Chrome)\D*(\d+)\.", said.stdout)
    return said.returncode == 0 and found is not None and int(found[1]) >= _LOWEST


def _apt_refuses() -> str:
    """Installs Debian's package where this process may; else why it did not, "" when it did.

    A refusal is remembered for a day, so that a machine without a package source does not ask for it at every start.
    """
    apt = shutil.which("apt-get")
    if not apt:
        return "this is no Debian-like system"
    if os.geteuid() != 0:
        return "only root may install the package chromium here (apt-get install chromium)"
    remembered = cache.root() / ".no-chromium"
    if remembered.exists() and time.time() - remembered.stat().st_mtime < _ASK_AGAIN_SECONDS:
        return f"apt-get could not install one lately ({remembered} remembers it for a day)"
    say.line("Installing Chromium with apt-get, for the agent's desk (once, about a minute)")
    install = [apt, "install", "-y", "--no-install-recommends", *_APT_QUICK, "chromium"]
    if _ran(install) or (_ran([apt, "update", *_APT_QUICK]) and _ran(install)):
        return ""
    remembered.touch()
    return "apt-get could not install one"


def _ran(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_APT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
