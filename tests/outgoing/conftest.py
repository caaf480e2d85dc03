import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from agents.models import Shop
from tests.agents.factories import make_shop
from tests.outgoing.receiver import Receiver, receiving


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("xiaoman")


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """Stands on this machine: an installation that allows private addresses."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiving() as running:
        yield running


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for shop.example that it has signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.KeyUsage(True, False, False, False, False, True, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


@pytest.fixture
def tls_url(receiver: Receiver, certificate: tuple[Path, Path]) -> Iterator[str]:
    """The receiver once more, behind TLS."""
    with receiving(receiver, certificate) as behind_tls:
        yield behind_tls.url


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch) -> None:
    """The machine trusts that certificate."""
    context = ssl.create_default_context(cafile=str(certificate[0]))
    monkeypatch.setattr("outgoing.http._certificates", lambda: context)
