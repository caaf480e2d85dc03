"""Who we are to the push services (VAPID, RFC 8292): one key of the installation, made on first use."""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

from outgoing.guard import Target

LASTS = timedelta(hours=12)
"""How long a signature is good for; the services take at most a day."""


@cache
def vapid() -> Vapid02:
    """From VAPID_PRIVATE_KEY (PEM or base64url), else from a file beside the secret key."""
    if settings.VAPID_PRIVATE_KEY:
        given = settings.VAPID_PRIVATE_KEY
        return Vapid02.from_pem(given.encode()) if "BEGIN" in given else Vapid02.from_string(given)
    return Vapid02.from_pem(_kept(settings.VAR_DIR / "vapid_private.pem"))


def _kept(path: Path) -> bytes:
    """The file's key; made if there is none. Two processes at once end up with the same: the first link stands."""
    if not path.exists():
        made = Vapid02()
        made.generate_keys()
        with NamedTemporaryFile(dir=path.parent) as fresh:  # readable by its owner alone
            fresh.write(made.private_pem())
            fresh.flush()
            os.fsync(fresh.fileno())
            with suppress(FileExistsError):
                os.link(fresh.name, path)
    return path.read_bytes()


def public_key() -> str:
    """As browsers take it: `applicationServerKey`, base64url of the uncompressed point."""
    point = vapid().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return str(b64urlencode(point))


def vapid_headers(target: Target, now: datetime) -> Mapping[str, str]:
    """The header that a push to this service is signed with."""
    claims = {
        "aud": f"{target.scheme}://{target.header}",
        "exp": int((now + LASTS).timestamp()),
        "sub": settings.VAPID_SUBJECT,
    }
    return {"Authorization": vapid().sign(claims)["Authorization"]}
