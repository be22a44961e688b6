"""https://*.twilio.com on this machine: a proxy that vendors' clients are pointed at by their own means.

A client asks the proxy for a tunnel to serverless.twilio.com:443; the tunnel ends here, with a certificate that a
throw-away authority has signed, and what comes out of it goes to the stand-in with its Host header as it was. So nothing
in a client is changed, and the stand-in is told apart by host, as Twilio is.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
import threading
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DOMAIN = "twilio.com"
_CHUNK = 65536


class Gateway:
    """`proxy` is for HTTP_PROXY and its like, `authority` the file of the authority that clients must trust."""

    def __init__(self, folder: Path, stand_in_url: str) -> None:
        self._target = urlsplit(stand_in_url)
        self.authority = folder / "authority.pem"
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(_certificate(folder, self.authority))
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True, name="gateway")
        # The hosts that were asked for, in order.
        self.tunnels: list[str] = []

    def __enter__(self) -> Gateway:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the gateway did not come up")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._tunnel, "127.0.0.1", 0))
        self.proxy = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        open_tunnels = asyncio.all_tasks(self._loop)
        for each in open_tunnels:
            each.cancel()
        self._loop.run_until_complete(asyncio.gather(*open_tunnels, return_exceptions=True))
        self._loop.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split()
        host = asked[1].partition(":")[0]
        if asked[0] != "CONNECT" or not host.endswith(f".{_DOMAIN}"):
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        self.tunnels.append(host)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self._tls)
        there_reader, there_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        await asyncio.gather(_pipe(reader, there_writer), _pipe(there_reader, writer))


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    # A client may hang up in the middle of anything.
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
    target.close()


def _certificate(folder: Path, authority_file: Path) -> Path:
    """A certificate for *.twilio.com with its key, good for an hour; writes its authority's certificate."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away authority")])
    usual = {
        "issuer": authority,
        "not_before": now - datetime.timedelta(minutes=5),
        "not_after": now + datetime.timedelta(hours=1),
    }
    root = _signed(key, key, authority, x509.BasicConstraints(ca=True, path_length=0), **usual)
    authority_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    own = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"*.{_DOMAIN}")])
    leaf = _signed(own, key, subject, x509.SubjectAlternativeName([x509.DNSName(f"*.{_DOMAIN}")]), **usual)
    private = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "gateway.pem"
    file.touch(mode=0o600)
    file.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    return file


def _signed(
    own: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    extension: x509.ExtensionType,
    *,
    issuer: x509.Name,
    not_before: datetime.datetime,
    not_after: datetime.datetime,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=own.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=not_before,
        not_valid_after=not_after,
    )
    return builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints)).sign(signer, hashes.SHA256())
