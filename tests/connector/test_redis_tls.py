"""TLS to Redis, verified against the given authorities only, whatever name or address the certificate is for."""

from __future__ import annotations

import asyncio
import datetime
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.connector.redis_server import RedisServer, free_port
from tests.connector.round_robin import _pipe
from tests.connector.world import Service, World, conversation, eventually, push


def _certificate(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def _authority(name: str) -> tuple[ec.EllipticCurvePrivateKey, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    return key, _certificate(name, name, key, key).public_bytes(serialization.Encoding.PEM).decode()


class TlsFront:
    """Terminates TLS before a plain Redis."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        self.authority_key, self.authority = _authority("the instance's authority")
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate("not-its-address", "the instance's authority", key, self.authority_key)
        file = folder / "server.pem"
        file.touch(mode=0o600)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)
        self._redis, self.port = redis, free_port()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> TlsFront:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._take, "127.0.0.1", self.port, ssl=self._context)
        )
        self._ready.set()
        self._loop.run_forever()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", self._redis.port)
        await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))


@pytest.fixture
def front(lonely_world: World) -> Iterator[TlsFront]:
    lonely_world.redis = RedisServer(lonely_world.folder / "guarded", password="right").start()
    front = TlsFront(lonely_world.folder, lonely_world.redis).start()
    yield front
    front.stop()


def started(world: World, front: TlsFront, command: str, **changes: str) -> Service:
    given = {"REDISPORT": str(front.port), "REDIS_PASSWORD": "right", "REDIS_CA_CERTS": front.authority, **changes}
    return world.service(command, **given).start()


def ready(service: Service) -> int:
    return httpx.get(f"{service.url}/ready", timeout=60).status_code


def causes(service: Service) -> list[str]:
    return [json.loads(line).get("cause", "") for line in service.log.read_text().splitlines()]


def test_both_services_work_over_tls_with_a_password(lonely_world: World, front: TlsFront) -> None:
    connector, interceptor = (started(lonely_world, front, each) for each in ("ui-connector", "interceptor"))
    eventually(lambda: ready(connector) == ready(interceptor) == 200)
    assert push(interceptor, "new-message-event", conversation()) == 204


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ({"REDIS_CA_CERTS": _authority("the instance's authority")[1]}, "signed by none of REDIS_CA_CERTS"),
        ({"REDIS_PASSWORD": "wrong"}, "Redis refused REDIS_PASSWORD"),
        ({"REDIS_PASSWORD": ""}, "set REDIS_PASSWORD"),
    ],
)
@pytest.mark.parametrize("command", ["ui-connector", "interceptor"])
def test_what_is_wrong_is_said_and_the_service_is_not_ready(
    lonely_world: World, front: TlsFront, command: str, wrong: dict[str, str], cause: str
) -> None:
    service = started(lonely_world, front, command, **wrong)
    eventually(lambda: any(cause in each for each in causes(service)))
    assert ready(service) == 503
    assert httpx.get(f"{service.url}/status", timeout=60).status_code == 200
    assert service.process.poll() is None


def test_plain_redis_behind_certificates_is_told(lonely_world: World, front: TlsFront) -> None:
    service = started(lonely_world, front, "interceptor", REDISPORT=str(lonely_world.redis.port))
    eventually(lambda: ready(service) == 503 and any(causes(service)))
