"""`Authorization: Token …`: a person's token (`fp_…`) or another program's key for one shop (`fk_…`)."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from agents.models import Account, AuthToken, ShopKey
from agents.selectors import KeyPrincipal
from agents.services import touch_key
from agents.services.tokens import KEY_PREFIX, digest_of
from config.statements import Rows

KEYWORD = "token"

_keys = Rows(ShopKey, lambda digest: ShopKey.objects.filter(digest=digest, revoked_at=None).order_by(), "shop")
_tokens = Rows(AuthToken, lambda digest: AuthToken.objects.filter(digest=digest).order_by(), "account")


class TokenAuthentication(BaseAuthentication):
    """`request.user` is an Account or, for a key, a KeyPrincipal; `request.auth` the AuthToken or ShopKey."""

    def authenticate(self, request: Request) -> tuple[Account | KeyPrincipal, AuthToken | ShopKey] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.encode():
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("The Authorization header is “Token”, a space, and the token."))
        secret = parts[1].decode("ascii", errors="replace")
        if secret.startswith(KEY_PREFIX):
            return self._by_key(secret)
        return self._by_token(secret)

    def _by_key(self, secret: str) -> tuple[KeyPrincipal, ShopKey]:
        key = _keys.first(digest_of(secret))
        if key is None:
            raise AuthenticationFailed(_("Unknown or revoked key."), code="invalid_key")
        touch_key(key=key, now=timezone.now())
        return KeyPrincipal(key), key

    def _by_token(self, secret: str) -> tuple[Account, AuthToken]:
        token = _tokens.first(digest_of(secret))
        if token is None or not token.account.is_active or token.expires_at <= timezone.now():
            raise AuthenticationFailed(_("Unknown or expired token."), code="invalid_token")
        return token.account, token

    def authenticate_header(self, request: Request) -> str:
        """Makes "who are you" answer 401, not 403."""
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`: from POST auth/token/, or a shop's key",
        }
