"""Memorystore: passwords and encryption are really asked for, and the authority is the one that the instance names."""

from __future__ import annotations

import datetime
import hashlib
import socket
import ssl

import pytest
import redis
from cryptography import x509
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.rehearsal.google.engine_client import SECRET as MARK
from tests.rehearsal.google.engine_client import SIGNATURE, Made
from tests.rehearsal.google.project import Project

TLS = {"transitEncryptionMode": "SERVER_AUTHENTICATION"}


def client(made: Made, **options) -> redis.Redis:
    """Asks once: what is refused is refused, and the client would repeat it for seconds."""
    return redis.Redis(made["host"], int(made["port"]), socket_timeout=30, retry=Retry(NoBackoff(), 0), **options)


def over_tls(made: Made, authorities: str, **options) -> redis.Redis:
    return client(made, ssl=True, ssl_ca_data=authorities, ssl_cert_reqs="required", **options)


class TestAuth:
    def test_without_the_password_nothing_is_answered(self, project: Project):
        made = project.redis(authEnabled=True)
        with pytest.raises(redis.AuthenticationError):
            client(made).ping()
        with pytest.raises(redis.AuthenticationError):
            client(made, password="guessed").ping()
        assert client(made, password=made["authString"]).ping()

    def test_the_password_is_made_up_for_each_instance(self, project: Project):
        first = project.redis(authEnabled=True)["authString"]
        second = project.redis(name="other", authEnabled=True)["authString"]
        assert first != second
        assert len(first) == 36

    def test_switched_on_later_it_is_asked_for_from_then_on(self, project: Project):
        made = project.redis()
        assert not made["authString"]
        assert client(made).ping()
        changed = project.engine.update(made, made.inputs | {"authEnabled": True})
        with pytest.raises(redis.AuthenticationError):
            client(changed).ping()
        assert client(changed, password=changed["authString"]).ping()


class TestInTransitEncryption:
    def test_a_client_that_trusts_the_instances_authority_is_served(self, project: Project):
        made = project.redis(**TLS)
        with over_tls(made, made["serverCaCerts"][0]["cert"]) as connected:
            assert connected.set("call", "found")
            assert connected.get("call") == b"found"

    def test_a_client_without_tls_is_refused(self, project: Project):
        made = project.redis(**TLS)
        with pytest.raises(redis.ConnectionError):
            client(made).ping()

    def test_a_client_that_trusts_another_authority_refuses_the_server(self, project: Project):
        made, other = project.redis(**TLS), project.redis(name="other", **TLS)
        with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            over_tls(made, other["serverCaCerts"][0]["cert"]).ping()

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
    def test_tls_below_1_2_is_refused(self, project: Project):
        made = project.redis(**TLS)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=made["serverCaCerts"][0]["cert"])
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection((made["host"], int(made["port"])), 5) as line, pytest.raises(ssl.SSLError):
            context.wrap_socket(line, server_hostname=made["host"])

    def test_both_password_and_encryption(self, project: Project):
        made = project.redis(authEnabled=True, **TLS)
        authority = made["serverCaCerts"][0]["cert"]
        with pytest.raises(redis.AuthenticationError):
            over_tls(made, authority).ping()
        assert over_tls(made, authority, password=made["authString"]).ping()
        assert redis.Redis.from_url(project.google.redis_url).ping(), "the world's own programs need no certificate"
        larger = project.engine.update(made, made.inputs | {"memorySizeGb": 2})
        assert over_tls(larger, authority, password=made["authString"]).config_get("maxmemory") == {"maxmemory": str(2 << 30)}

    def test_the_authority_is_told_as_the_admin_api_tells_it(self, project: Project):
        [told] = project.redis(**TLS)["serverCaCerts"]
        certificate = x509.load_pem_x509_certificate(told["cert"].encode())
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert told["serialNumber"] == str(certificate.serial_number)
        der = ssl.PEM_cert_to_DER_cert(told["cert"])
        assert told["sha1Fingerprint"] == hashlib.sha1(der, usedforsecurity=False).hexdigest()
        until = datetime.datetime.fromisoformat(told["expireTime"])
        assert until == certificate.not_valid_after_utc
        assert (until - datetime.datetime.fromisoformat(told["createTime"])).days == 3650

    def test_without_encryption_there_is_no_authority(self, project: Project):
        made = project.redis()
        assert made["serverCaCerts"] == []
        assert made["transitEncryptionMode"] == "DISABLED"

    def test_switching_it_on_makes_the_instance_anew(self, project: Project):
        made = project.redis()
        answer = project.engine.diff(made, made.inputs | TLS)
        assert list(answer.replaces) == ["transitEncryptionMode"]

    def test_no_certificate_is_a_secret_but_the_password_is(self, project: Project):
        made = project.redis(authEnabled=True, **TLS)
        assert made.state["authString"][SIGNATURE] == MARK
        assert isinstance(made.state["serverCaCerts"], list)
