"""Words and small figures for the components; no rule of the field is decided here."""

from datetime import datetime

from django import forms, template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agents.labels import PLATFORMS, ROLES, STATUSES, listed
from agents.vocabulary import Platform, Role, Status

register = template.Library()
register.filter("listed", listed)

PLATFORM_SIGNS = {Platform.PINDUODUO: "拼", Platform.KUAISHOU: "快", Platform.DOUYIN: "抖", Platform.TAOBAO: "淘"}

AMBER_FROM = 0.4
RED_FROM = 0.8
"""Parts of the time gone at which a countdown changes colour (visual reference, "Countdown")."""


@register.filter
def role_label(role: str) -> str | Promise:
    return ROLES.get(Role(role), role) if role in set(Role) else role


@register.filter
def status_label(status: str) -> str | Promise:
    return STATUSES.get(Status(status), status) if status in set(Status) else status


@register.filter
def platform_label(platform: str) -> str | Promise:
    return PLATFORMS.get(Platform(platform), platform) if platform in set(Platform) else platform


@register.filter
def platform_sign(platform: str) -> str:
    """One character that stands for the platform: 拼 快 抖 淘."""
    return PLATFORM_SIGNS.get(Platform(platform), "") if platform in set(Platform) else ""


@register.filter
def initial(name: str) -> str:
    """The character that stands in a round where others have a picture."""
    return str(name)[:1].upper()


@register.filter
def clock(seconds: float | None) -> str:
    """61 → "1:01", 3661 → "1:01:01"; None → "—"."""
    if seconds is None:
        return "—"
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def lasting(since: datetime, now: datetime) -> str:
    """How long something has gone on, in at most two units: "26 min", "4 h 26 min", "3 d 2 h"."""
    minutes = max(0, int((now - since).total_seconds()) // 60)
    hours, minutes = divmod(minutes, 60)
    days, rest = divmod(hours, 24)
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": rest}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min") % {"minutes": minutes}


@register.filter
def share_of(part: float | None, whole: float | None) -> int:
    """The part as whole percent of the whole, 0 to 100, for the width of a bar; 0 where there is no whole."""
    if not part or not whole:
        return 0
    return max(0, min(100, round(100 * part / whole)))


@register.filter
def countdown_tone(left: float, total: float) -> str:
    """The class of a countdown: "" while calm, amber from 40 % gone, red from 80 % gone."""
    gone = 1 - left / total if total else 1.0
    if gone >= RED_FROM:
        return "countdown-bad"
    return "countdown-warn" if gone >= AMBER_FROM else ""


@register.filter
def control(field: forms.BoundField) -> SafeString:
    """A form's control with the class of its kind."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        kind = "form-check-input"
    else:
        kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
    return field.as_widget(attrs={"class": kind})
