from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from agents.models import Account
from agents.selectors import my_sub_accounts
from agents.services import beat
from agents.views.access import account_page


@require_POST
@account_page
def own_beat(request: HttpRequest, account: Account) -> JsonResponse:
    """A sign of life of an open page, for all the shops that its person answers in; the statuses as they are now
    (others may have changed them), by the shop's short name."""
    held = beat(account=account, now=timezone.now())
    return JsonResponse({"held": held, "statuses": {row.shop.slug: row.status for row in my_sub_accounts(account)}})
