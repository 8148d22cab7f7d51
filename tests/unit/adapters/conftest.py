"""Certificates for this machine, made fresh: one for 127.0.0.1, one for another name."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

Authority = dict[str, ssl.SSLContext]
"""A self-signed certificate as a server shows it ("server") and as a client that trusts it checks it ("client")."""


def make_authority(folder: Path, name: str) -> Authority:
    pem = folder / f"{name}.pem"
    command = [
        *("openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-days", "2", "-subj", f"/CN={name}", "-keyout", f"{pem}.key", "-out", str(pem)),
        *("-addext", f"subjectAltName={'IP:127.0.0.1' if name == 'here' else f'DNS:{name}'}"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, f"{pem}.key")
    return {"server": server, "client": ssl.create_default_context(cafile=str(pem))}


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    return make_authority(tmp_path_factory.mktemp("tls"), "here")


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    return make_authority(tmp_path_factory.mktemp("tls"), "elsewhere.example")
