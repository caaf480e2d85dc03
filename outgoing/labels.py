"""The words for what goes out, in both languages; those that the audit log needs too stand in `routing.words`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outgoing.vocabulary import ALERT_KINDS, AlertEvent, DeliveryState, OffBecause, OutletKind, WebhookEvent
from routing.words.outgoing import EVENTS, KINDS
from routing.words.outgoing import OFF_BECAUSE as REASONS

OUTLET_KINDS = {kind.value: KINDS[kind] for kind in OutletKind}
ALERT_KINDS_TOLD = {kind.value: KINDS[kind] for kind in ALERT_KINDS}
WEBHOOK_EVENTS = {event.value: EVENTS[event] for event in WebhookEvent}
ALERT_EVENTS = {event.value: EVENTS[event] for event in AlertEvent}
OFF_BECAUSE = {reason.value: REASONS[reason] for reason in OffBecause if reason}
DELIVERY_STATES = {
    DeliveryState.PENDING.value: _("Waits to be sent"),
    DeliveryState.DELIVERED.value: _("Delivered"),
    DeliveryState.FAILED.value: _("Failed, will be tried again"),
    DeliveryState.GIVEN_UP.value: _("Given up"),
}
ERRORS: dict[str, str | Promise] = {
    "scheme": _("It must begin with https:// or http://."),
    "credentials": _("A name and password do not belong into the address."),
    "host": _("There is no name of a machine in it."),
    "port": _("The port after the colon is no number from 1 to 65535."),
    "unknown_host": _("This name is not known on the internet. Look for a slip of the pen."),
    "private": _("It leads to an address of a private network, which this installation does not allow."),
    "long": _("It is too long."),
    "timed_out": _("No answer in time (10 seconds)."),
    "unreachable": _("Nobody answers at this address."),
    "tls": _("The certificate of the other side is not valid."),
    "broken": _("The answer broke off or is no HTTP."),
    "redirect": _("The other side sends elsewhere; that is not followed. Enter the final address."),
    "status": _("The other side did not accept it."),
    "robot": _("The robot refused it."),
    "vapid": _("VAPID_SUBJECT is no address that push services take (mailto:… or https://…)."),
    "no_mail": _("This installation has no mail server (EMAIL_URL)."),
    "mail": _("The mail server did not accept it."),
    "unconfirmed": _("Nobody at these addresses has confirmed the mail that asks for it yet."),
    "unreadable": _("The stored address or secret cannot be read: the key that encrypted it is missing."),
    "inside": _("A fault of this system; it stands in its log."),
}
