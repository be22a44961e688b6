"""The Google stand-in as a whole: the provider's gRPC server, the HTTP server, and the local parts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import grpc
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.google import provider, schema
from rehearsal.google.cloud import Cloud
from rehearsal.google.compute_api import ComputeApi
from rehearsal.google.control import Control
from rehearsal.google.dialogflow import errors
from rehearsal.google.dialogflow.routes import DialogflowApi
from rehearsal.google.dialogflow.state import Dialogflow
from rehearsal.google.families import KINDS
from rehearsal.google.families.pubsub import may_forward
from rehearsal.google.local_parts import LocalParts
from rehearsal.google.provisioning import Provisioning
from rehearsal.google.resource_manager import ResourceManager
from rehearsal.google.telephony import Refused, Telephony, answer_refusal
from rehearsal.google.tokens import Tokens
from rehearsal.observed import Observed
from rehearsal.serving import Server


class GoogleStandIn:
    """One project of Google Cloud on loopback.

    home: folder for everything it keeps on disk (images, secret files, logs), made with mode 0700.
    gtp_number: the telephony number of the project, E.164; gtp_location: the Dialogflow location it was ordered in, as were
    further_gtp_numbers.
    deployer_token: the access token of whoever runs the program; it may do everything on the REST API.
    redis_server: path of redis-server or valkey-server. pubsub_jar and java: Google's Pub/Sub emulator, None for our own
    event service. program_folder: where the program's commands run, as Pulumi runs them in the folder of Pulumi.yaml; the
    current folder when it is left out.
    provisioning_scale: how much of Google's own time making things takes, see provisioning.py. Nothing listens before
    `start`, nothing is left running after `stop`.
    """

    def __init__(
        self,
        home: Path,
        *,
        project: str,
        region: str,
        project_number: str,
        gtp_number: str,
        deployer_token: str,
        redis_server: str,
        pubsub_jar: str | None = None,
        java: str | None = None,
        gtp_location: str = "global",
        further_gtp_numbers: Sequence[str] = (),
        program_folder: Path | None = None,
        provisioning_scale: float = 0.0,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.tokens = Tokens(deployer_token)
        emulator = (java, pubsub_jar) if java and pubsub_jar else None
        self._parts = LocalParts(
            home,
            self.tokens,
            redis_server,
            emulator,
            lambda subscription, topic: may_forward(self.cloud, subscription, topic),
        )
        self.cloud = Cloud(project, project_number, region, self._parts)
        self._parts.program_folder = program_folder or Path.cwd()
        self.cloud.remember_secrets({deployer_token})
        self.cloud.on_grant.append(self._parts.recheck)
        self._dialogflow = Dialogflow(self.cloud, [gtp_number, *further_gtp_numbers], gtp_location)
        self._provisioning = Provisioning(provisioning_scale)
        self._schema_file = home / "schema.json"
        self._region = region
        self._http: Server | None = None
        self._grpc: grpc.Server | None = None
        self.grpc_port = 0
        self.observed: Observed | None = None

    def start(self) -> GoogleStandIn:
        """Raises StartError when a local part does not come up; whatever was started by then is ended again."""
        with contextlib.ExitStack() as half_started:
            half_started.callback(self.stop)
            self._parts.start(self.cloud.project, self.cloud.number, self._region)
            control = Control(self.cloud, self._dialogflow)
            api = DialogflowApi(self.cloud, self._dialogflow, self.tokens)
            resources = ResourceManager(self.cloud, self.tokens)
            networks = ComputeApi(self.cloud, self.tokens)
            telephony = Telephony(self._dialogflow, self._parts.events.url)
            app = Starlette(
                routes=[
                    *(*telephony.routes(), *api.routes(), *resources.routes(), *networks.routes()),
                    Route("/oauth2/v3/certs", self._certificates),
                ],
                exception_handlers={errors.ApiError: errors.answer, Refused: answer_refusal},
                # Google packs every answer, however short, for whoever can unpack it.
                middleware=[Middleware(GZipMiddleware, minimum_size=0)],
            )
            self.observed = Observed(app, control.snapshot, {**control.routes(), **resources.control()})
            self._http = Server(self.observed).start()
            self._parts.control_url = self._http.url
            derived = self.cloud.declared = schema.load(KINDS, self._schema_file)
            servicer = provider.Provider(self.cloud, derived, self.observed.calls, self.observed.faults, self._provisioning)
            self._grpc, self.grpc_port = provider.serve(servicer)
            half_started.pop_all()
        return self

    async def _certificates(self, _request: Request) -> Response:
        """The keys of identity tokens; Google's own are at https://www.googleapis.com/oauth2/v3/certs."""
        return JSONResponse(self.tokens.key_set(), headers={"cache-control": "public, max-age=300"})

    def stop(self) -> None:
        """Ends every server and every child process; may be called at any time."""
        self._provisioning.stop()
        if self._grpc:
            self._grpc.stop(grace=None).wait()
            self._grpc = None
        if self._http:
            self._http.stop()
            self._http = None
        self._parts.stop()

    def __enter__(self) -> GoogleStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Dialogflow's REST API, telephony and `/_standin`."""
        return self._http.url if self._http else ""

    @property
    def pubsub_url(self) -> str:
        """Pub/Sub's REST API (and, with Google's emulator, gRPC on the same port)."""
        return self._parts.events.url

    @property
    def pubsub_kind(self) -> str:
        """google-emulator or own."""
        return self._parts.events.kind

    @property
    def redis_url(self) -> str | None:
        """The first Redis instance that was deployed, past its encryption, with its password; None when there is none."""
        return next((each.local_url for each in list(self._parts.redis_servers.values())), None)

    def service_uri(self, name: str) -> str | None:
        """The address of a Cloud Run service by its name; None when it is not deployed."""
        return next((s.front.uri for id, s in list(self._parts.run_services.items()) if id.rpartition("/")[2] == name), None)

    def service_pids(self, name: str) -> list[int]:
        """The processes that serve now; empty when there are none."""
        services = (s for id, s in list(self._parts.run_services.items()) if id.rpartition("/")[2] == name)
        return [each["pid"] for service in services for each in service.instances() if each["pid"]]
