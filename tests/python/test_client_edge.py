"""Clients at the edge of a server: TLS, certificates, tokens, roles and rates."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fastroute
from fastroute import Client, Server

TOKENS = {"app": "token-of-the-app", "slow": "token-of-the-slow-one", "admin": "token-of-the-admin"}


class Certificates:
    """An authority, and what it signed: a server for `fastroute.test`, and a client."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run("req", "-x509", *self._new("ca"), "-subj", "/CN=authority", "-out", self.file("ca.pem"))
        for name, extension in (("server", "subjectAltName=DNS:fastroute.test"), ("client", "subjectAltName=DNS:app")):
            self._run("req", *self._new(name), "-subj", f"/CN={name}", "-out", self.file(f"{name}.csr"))
            extensions = folder / f"{name}.cnf"
            extensions.write_text(extension, encoding="ascii")
            signing = ("-CA", self.file("ca.pem"), "-CAkey", self.file("ca.key"), "-extfile", str(extensions))
            signed = self.file(f"{name}.pem")
            self._run("x509", "-req", "-days", "2", "-in", self.file(f"{name}.csr"), *signing, "-out", signed)

    def file(self, name: str) -> str:
        """The path of a file."""
        return str(self.folder / name)

    def _new(self, name: str) -> tuple[str, ...]:
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        return (*curve, "-keyout", self.file(f"{name}.key"))

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates that are made once."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_tls_is_spoken_with_the_authority_that_is_given(certificates: Certificates) -> None:
    file = certificates.file
    with Server(tls_cert=file("server.pem"), tls_key=file("server.key")) as server:
        address = server.addresses.grpc
        ca = Path(file("ca.pem"))
        for given in (ca, str(ca), ca.read_bytes()):
            with Client(address, ca=given, server_name="fastroute.test") as client:
                assert client.route("hello").route == "small_talk"
        for options in ({}, {"ca": ca}, {"ca": ca, "server_name": "elsewhere.test"}):
            with Client(address, timeout=0.5, **options) as client:
                with pytest.raises(fastroute.ServiceError) as raised:
                    client.route("hello")
                assert raised.value.code in ("DEADLINE_EXCEEDED", "UNAVAILABLE")


def test_tls_is_spoken_with_the_authorities_of_the_system(certificates: Certificates) -> None:
    file = certificates.file
    # They are read when a process first needs them, so another one is told which they are.
    code = """
import sys, fastroute
with fastroute.Client(sys.argv[1], tls=True, server_name="fastroute.test") as client:
    print(client.route("hello").route)
"""
    with Server(tls_cert=file("server.pem"), tls_key=file("server.key")) as server:
        command = [sys.executable, "-c", code, server.addresses.grpc[0]]
        trusting = {**os.environ, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": file("ca.pem")}
        ran = subprocess.run(command, env=trusting, capture_output=True, text=True, timeout=30, check=False)
        assert ran.stdout == "small_talk\n", ran.stderr
        stranger = Client(server.addresses.grpc, tls=True, server_name="fastroute.test", timeout=0.5)
        with stranger as client, pytest.raises(fastroute.ServiceError):
            client.route("hello")
    with pytest.raises(TypeError, match="tls=False"):
        Client(tls=False, ca=file("ca.pem"))


def test_a_server_that_wants_a_certificate_gets_that_of_the_client(certificates: Certificates) -> None:
    file = certificates.file
    with Server(tls_cert=file("server.pem"), tls_key=file("server.key"), tls_client_ca=file("ca.pem")) as server:
        ca, name, own, key = file("ca.pem"), "fastroute.test", file("client.pem"), file("client.key")
        with Client(server.addresses.grpc, ca=ca, server_name=name, certificate=own, key=key) as client:
            assert client.route("hello").route == "small_talk"
        stranger = Client(server.addresses.grpc, ca=ca, server_name=name, timeout=0.5)
        with stranger as client, pytest.raises(fastroute.ServiceError):
            client.route("hello")


@pytest.mark.parametrize("options", [{"certificate": b""}, {"key": b""}, {"server_name": "name"}])
def test_half_of_tls_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(TypeError, match=next(iter(options))):
        Client(**options)  # type: ignore[arg-type]


def test_a_token_says_who_calls_and_what_it_may(tmp_path: Path) -> None:
    callers = tmp_path / "callers.yaml"
    roles = {"app": "roles: [decide]", "slow": "roles: [decide], rate: 1", "admin": "roles: [admin]"}
    lines = [
        f"  - {{application: {name}, token_sha256: {hashlib.sha256(token.encode()).hexdigest()}, {roles[name]}}}"
        for name, token in TOKENS.items()
    ]
    callers.write_text("\n".join(["callers:", *lines, ""]), encoding="utf-8")

    def code_of(token: str | None) -> str | None:
        with Client(server.addresses.grpc, token=token) as client:
            try:
                client.route("hello", timeout=0.3)
            except fastroute.ServiceError as error:
                assert str(token) not in str(error)
                return error.code
            return None

    with Server(callers=callers) as server:
        assert code_of(TOKENS["app"]) is None
        assert code_of(None) == code_of("another-token") == "UNAUTHENTICATED"
        assert code_of(TOKENS["admin"]) == "ROLE_MISSING"
        with Client(server.addresses.grpc, token=TOKENS["slow"]) as client:
            with pytest.raises(fastroute.ServiceError) as raised:
                for _ in range(50):
                    client.route("hello", timeout=0.1)
            assert raised.value.code == "RATE_LIMITED"
            assert raised.value.retry_after is not None
            assert 0 < raised.value.retry_after <= 1
