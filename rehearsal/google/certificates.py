"""A throw-away certificate authority for one Redis instance, and the server certificate that it signs."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
import tempfile
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Memorystore's authorities are valid for ten years, its server certificates for 180 days
# (cloud.google.com/memorystore/docs/redis/in-transit-encryption).
_CA_DAYS, _SERVER_DAYS = 3650, 180
_HASH = hashes.SHA256()


class Authority:
    """One authority and one server certificate for `address`, an IP address. The keys stay in memory."""

    def __init__(self, name: str, address: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._began = datetime.datetime.now(datetime.UTC)
        subject = _name(f"Memorystore Redis Server CA {name}")
        only_signs = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = self._builder(subject, subject, self._key.public_key(), _CA_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self._certificate = builder.add_extension(only_signs, critical=True).sign(self._key, _HASH)
        self._address = address

    def described(self) -> dict[str, Any]:
        """As the Admin API answers it in serverCaCerts: {"cert", "createTime", "expireTime", "serialNumber", "sha1Fingerprint"}."""
        made = self._certificate
        return {
            "cert": made.public_bytes(serialization.Encoding.PEM).decode(),
            "createTime": _written(made.not_valid_before_utc),
            "expireTime": _written(made.not_valid_after_utc),
            "serialNumber": str(made.serial_number),
            "sha1Fingerprint": made.fingerprint(hashes.SHA1()).hex(),  # noqa: S303 - the API's own field
        }

    def server_context(self) -> ssl.SSLContext:
        """For a server at the address; TLS 1.2 or higher, as Memorystore."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(self._address), self._certificate.subject, key.public_key(), _SERVER_DAYS)
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(self._address))])
        certificate = builder.add_extension(alternative, critical=False).sign(self._key, _HASH)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # The library reads certificate and key from a file only; it is gone again before anybody connects.
        handle, place = tempfile.mkstemp()
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(certificate.public_bytes(serialization.Encoding.PEM))
                pkcs8, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                file.write(key.private_bytes(serialization.Encoding.PEM, pkcs8, none))
            context.load_cert_chain(place)
        finally:
            Path(place).unlink()
        return context

    def _builder(self, subject: x509.Name, issuer: x509.Name, key: Any, days: int) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
        builder = builder.not_valid_before(self._began).not_valid_after(self._began + datetime.timedelta(days=days))
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(identifier, critical=False).add_extension(issued_by, critical=False)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _written(time: datetime.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
