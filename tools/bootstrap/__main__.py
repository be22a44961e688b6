"""`python3 -m tools.bootstrap [python|all|tests]`: make what is missing; one clear message and exit 1 when something cannot be had."""

from __future__ import annotations

import signal
import sys

from tools.bootstrap import cache, say, workspace


def main(arguments: list[str]) -> int:
    wanted = arguments[0] if arguments else "all"
    # A pipeline ends a step by SIGTERM: what is being made must end with it, as after a Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if wanted == "python":
            workspace.python_environment()
            return 0
        found = workspace.prepare(tests=wanted == "tests")
    except cache.Missing as missing:
        say.line(f"voice: {missing}")
        return 1
    except OSError as error:
        place = error.filename or workspace.CLONE
        say.line(f"voice: {place} cannot be written or read: {error.strerror}. Put that right and run it again.")
        return 1
    except KeyboardInterrupt:
        say.line("\nvoice: stopped; nothing half-made was kept, run it again to go on.")
        return 130
    if wanted == "describe":
        say.line(f"engine {found['VOICE_ENGINE_VERSION']} ({found['VOICE_ENGINE_ORIGIN']}): {found['VOICE_ENGINE']}")
        say.line("Plain `pulumi preview`, `up`, `refresh` and `destroy` work in: make shell   (or: . .voice/env)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
