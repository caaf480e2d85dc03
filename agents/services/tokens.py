import hashlib
import secrets

from django.db import transaction

from agents.models import Account, AuthToken

PERSON_PREFIX = "fp_"
KEY_PREFIX = "fk_"


def new_secret(prefix: str) -> str:
    """A secret of 256 random bits, told apart by its prefix."""
    return prefix + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of a secret. Of 256 random bits a plain SHA-256 is enough: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_token(*, account: Account) -> str:
    """A token for the person's own programs; returned this once, only its hash is kept. It ends after TOKEN_DAYS."""
    token = new_secret(PERSON_PREFIX)
    AuthToken.objects.create(account=account, digest=digest_of(token))
    return token


def revoke_token(*, account: Account, pk: int) -> bool:
    """From now on the token opens nothing; False if the account has none such."""
    return AuthToken.objects.filter(account=account, pk=pk).delete()[0] > 0
