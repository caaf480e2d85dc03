"""Rates as people read them."""

from django import template

register = template.Library()


@register.filter
def percent(rate: float | None) -> str:
    """0.5119 → "51.2"; None → "—". 0.4996 → "49.9": a rate below the line never reads as the line (M10)."""
    if rate is None:
        return "—"
    exact = rate * 1000
    tenths = round(exact)
    if tenths % 10 == 0 and tenths > exact + 1e-9:
        tenths -= 1
    return f"{tenths // 10}.{tenths % 10}"
