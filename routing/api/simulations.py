"""`POST simulate/`: a scenario and its result (CONTRACT 5); large ones are run by a job."""

import zlib
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.api.access import IsPerson, person
from agents.api.parsing import TextJSONParser
from agents.models import Account
from agents.permissions import Actor, Permission, may
from agents.selectors import my_sub_accounts
from core.http.parameters import query
from routing.models import Simulation
from routing.services.simulating import KEPT, ask_for_simulation, needs_job, simulate

ERRORS = {
    "too_slow": gettext_lazy("It took too long: run it by “manage.py simulate”."),
    "too_much_memory": gettext_lazy("It took too much memory: run it by “manage.py simulate”."),
    "too_long_result": gettext_lazy(
        "The result is too long: leave the traces out (traces=no), or run “manage.py simulate”."
    ),
    "lost": gettext_lazy("It was begun several times and never ended."),
}


class SimulationSerializer(serializers.Serializer[Any]):
    """A large scenario on its way. `result`: once it is `done`; `error`: once it has `failed`."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["waiting", "running", "done", "failed"])
    url = serializers.CharField(help_text="Where its state and its result are.")
    expires_at = serializers.DateTimeField(help_text="It is dropped then.")
    error = serializers.DictField(allow_null=True)
    result = serializers.DictField(allow_null=True)


def may_simulate(account: Account) -> bool:
    """Tell if the account may see the routing settings of some shop."""
    if account.is_operator:
        return True
    places = my_sub_accounts(account)
    return any(may(Actor(row.shop, account=account, sub_account=row), Permission.ROUTING_SEE) for row in places)


class SimulationView(APIView):
    parser_classes = (TextJSONParser,)
    permission_classes = (IsAuthenticated, IsPerson)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not may_simulate(person(request)):
            raise PermissionDenied(_("Your role does not allow this in any shop."))


class SimulateView(SimulationView):
    """A scenario → its result. Touches no shop. A large one is stored and run by a job: 202 says where it will be."""

    @extend_schema(
        parameters=[OpenApiParameter("traces", enum=["yes", "no"], default="yes")],
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT, 202: SimulationSerializer},
    )
    def post(self, request: Request) -> Response:
        traces = query(request).choice("traces", ("yes", "no"), "yes") == "yes"
        if not needs_job(request.data):
            return Response(simulate(scenario=request.data, traces=traces))
        made = ask_for_simulation(account=person(request), scenario=request.data, traces=traces, now=timezone.now())
        told = serialize_simulation(made)
        return Response(told, status=202, headers={"Location": told["url"]})


class SimulationDetailView(SimulationView):
    @extend_schema(responses=SimulationSerializer)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The state of one's own large scenario, and in the end its result."""
        row = Simulation.objects.filter(pk=pk, account=person(request)).first()
        if row is None or row.asked_at < timezone.now() - KEPT:
            raise Http404
        told = serialize_simulation(row)
        if row.result is None:
            return Response(told)
        # The result is JSON already: it is put in its place, not parsed for that.
        del told["result"]
        head = JSONRenderer().render(told)
        return HttpResponse(head[:-1] + b', "result": ' + zlib.decompress(row.result) + b"}", "application/json")


def serialize_simulation(row: Simulation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "state": row.state,
        "url": reverse("api_simulation", args=[row.pk]),
        "expires_at": row.asked_at + KEPT,
        "error": _error(row),
        "result": None,
    }


def _error(row: Simulation) -> dict[str, Any] | None:
    if row.state != "failed":
        return None
    code, _colon, rest = row.error.partition(":")
    place, _tab, words = rest.partition("\t")
    return {"code": code, "message": words or str(ERRORS.get(code, "")), "fields": {place: [words]} if place else {}}
