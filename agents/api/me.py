from typing import Any

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.api.access import IsPerson, person
from agents.api.schema import ErrorSerializer
from agents.api.serializers import MeSerializer, TokenAnswer, TokenRequest
from agents.codes import code_is_right
from agents.errors import Refused
from agents.models import Account
from agents.selectors import my_sub_accounts
from agents.services import create_token


class TokenView(APIView):
    """Account and password for a token. Guarded by the lockout like the sign-in page."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=TokenRequest, responses={200: TokenAnswer, 403: ErrorSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        body = TokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        # Django's own request, or the lockout's middleware does not see that it was refused.
        account = authenticate(
            request._request,
            username=body.validated_data["account"],
            password=body.validated_data["password"],
        )
        if not isinstance(account, Account):
            raise Refused("wrong_credentials", _("Wrong account or password."))
        if account.has_second_factor:
            self._check_code(request, account, body.validated_data.get("code", ""))
        return Response({"token": create_token(account=account)})

    @staticmethod
    def _check_code(request: Request, account: Account, code: str) -> None:
        """Raises Refused: `second_factor_required`, `wrong_code`; and TooMany."""
        if not code:
            words = _("This account has a second factor: a code is needed.")
            raise Refused("second_factor_required", words, field="code", status=403)
        if not code_is_right(request._request, account, code):
            raise Refused("wrong_code", _("That code is not right, or has been used already."), field="code")


class MeView(APIView):
    permission_classes = (IsPerson,)

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        me = person(request)
        answer = {
            "account": me.account,
            "display_name": me.display_name,
            "is_operator": me.is_operator,
            "sub_accounts": my_sub_accounts(me),
        }
        return Response(MeSerializer(answer).data)
