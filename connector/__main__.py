"""`python -m connector ui-connector` and `python -m connector interceptor`."""

from __future__ import annotations

import os
import sys

from connector import logs
from connector.config import ConfigurationError, ConnectorSettings, InterceptorSettings

USAGE = "usage: python -m connector ui-connector|interceptor"
EXIT_MISCONFIGURED = 2
# What our libraries load when it happens to be there, for clients, queues and command lines that are not used here. The
# image has none of it; elsewhere it would triple the time to start. Signatures of this service need no cryptography.
_UNUSED = ("aiohttp", "requests", "redis", "valkey", "websocket", "kombu", "aio_pika", "kafka", "rich", "pygments")
_UNUSED_BY_UI_CONNECTOR = ("cryptography",)


def main(arguments: list[str]) -> int:
    """Runs one service until it is told to stop. Answers the exit code: 0, or 2 when it refused to start."""
    logs.configure()
    sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]  # None: importing it is as if it were not installed
    try:
        match arguments:
            case ["ui-connector"]:
                settings = ConnectorSettings.from_environment(os.environ)
                sys.modules.update(dict.fromkeys(_UNUSED_BY_UI_CONNECTOR))  # type: ignore[arg-type]
                from connector import ui_connector as service  # noqa: PLC0415  # each service loads only its own libraries
            case ["interceptor"]:
                settings = InterceptorSettings.from_environment(os.environ)
                from connector import interceptor as service  # noqa: PLC0415
            case _:
                sys.stderr.write(USAGE + "\n")
                return EXIT_MISCONFIGURED
    except ConfigurationError as error:
        for fault in error.faults:
            logs.log.critical(fault)
        return EXIT_MISCONFIGURED
    logs.configure(settings.project)
    service.run(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
