"""Passkeys (WebAuthn): making one, and proving with it who signs in. The cryptography is py_webauthn's."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from agents.errors import Refused
from agents.models import Account, Authenticator
from agents.services.second_factors import add_authenticator


@dataclass(frozen=True)
class Website:
    """`host`: the name that passkeys are bound to; `origin`: scheme, name and port of the page."""

    host: str
    origin: str


def registration_options(*, account: Account, website: Website) -> tuple[str, str]:
    """Options for the browser as JSON, and the challenge to be kept until it answers."""
    there = Authenticator.objects.filter(account=account, kind=Authenticator.Kind.PASSKEY)
    options = generate_registration_options(
        rp_id=website.host,
        rp_name="Fenliu 分流",
        user_id=salted_hmac("agents.passkey", str(account.pk), algorithm="sha256").digest(),
        user_name=account.account,
        user_display_name=account.label,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(there),
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def add_passkey(
    *, account: Account, credential: dict[str, Any], challenge: str, website: Website, name: str, session_key: str
) -> list[str]:
    """Keep a new passkey; recovery codes if it is the first second factor. Raises Refused `passkey_refused`."""
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=website.host,
            expected_origin=website.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    row = Authenticator(
        account=account,
        kind=Authenticator.Kind.PASSKEY,
        name=name,
        secret=base64.b64encode(made.credential_public_key).decode(),
        credential_id=bytes_to_base64url(made.credential_id),
        counter=made.sign_count,
    )
    if Authenticator.objects.filter(credential_id=row.credential_id).exists():
        raise _refused()
    return add_authenticator(row, session_key=session_key)


def authentication_options(*, website: Website, account: Account | None) -> tuple[str, str]:
    """Options and challenge: for one account's passkeys, or for any that the browser has for this website."""
    there = Authenticator.objects.filter(account=account, kind=Authenticator.Kind.PASSKEY) if account else []
    options = generate_authentication_options(
        rp_id=website.host,
        allow_credentials=_descriptors(there),
        user_verification=UserVerificationRequirement.PREFERRED if account else UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def verify_passkey(
    *, credential: dict[str, Any], challenge: str, website: Website, account: Account | None, now: datetime
) -> Account:
    """The account whose passkey this is. Without `account` the passkey stands for the password too, so its device must
    have checked who holds it (PIN, finger, face). Raises Refused `passkey_refused`."""
    rows = Authenticator.objects.filter(kind=Authenticator.Kind.PASSKEY).select_related("account")
    row = rows.filter(credential_id=str(credential.get("id", ""))[:1400]).first()
    if row is None or not row.account.is_active or (account is not None and row.account_id != account.pk):
        raise _refused()
    try:
        proof = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=website.host,
            expected_origin=website.origin,
            credential_public_key=base64.b64decode(row.secret),
            credential_current_sign_count=row.counter,
            require_user_verification=account is None,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    Authenticator.objects.filter(pk=row.pk).update(counter=proof.new_sign_count, last_used_at=now)
    return row.account


def _descriptors(rows: Any) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id or "")) for row in rows]


def _refused() -> Refused:
    return Refused("passkey_refused", _("This passkey is not known here."), field="credential")
