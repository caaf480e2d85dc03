"""Words for people: entries, order statuses, triggers, outcomes."""

from django.utils.translation import gettext_lazy as _

TRIGGERS = {
    "opened": _("Opened"),
    "drained": _("Was waiting"),
    "reassigned": _("Reassigned"),
    "transferred": _("Transferred"),
}
OUTCOMES = {
    "assigned": _("Assigned"),
    "offline": _("Offline list"),
    "queued": _("Waits"),
}
ENTRIES = {
    "shop_home": _("Shop home page"),
    "goods_detail": _("Goods detail page"),
    "order_detail": _("Order detail page"),
    "refund_detail": _("Refund detail page"),
    "logistics": _("Logistics complaint page"),
    "direct_message": _("Direct message"),
    "live": _("Live stream"),
    "other": _("Other"),
}
ORDER_STATUSES = {
    "none": _("No order"),
    "unpaid": _("Unpaid"),
    "unshipped": _("To be shipped"),
    "shipped": _("To be received"),
    "received": _("To be reviewed"),
    "after_sale": _("Refund / after-sale"),
}
TAOBAO_ORDER_STATUSES = ORDER_STATUSES | {
    "none": _("No active order"),
    "unshipped": _("Not shipped"),
    "shipped": _("Shipped"),
    "received": _("Goods received"),
}
