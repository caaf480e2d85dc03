"""Small words for threads and lists of conversations."""

from django import template

from agents.models import SubAccount

register = template.Library()


@register.filter
def who(row: SubAccount | None) -> str:
    """What somebody is called: the display name of their account, else the account name; "" for nobody."""
    if row is None:
        return ""
    return row.account.label if row.account else row.name
