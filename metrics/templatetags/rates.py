"""Rates as people read them."""

from django import template

register = template.Library()


@register.filter
def percent(rate: float | None) -> str:
    """0.5116 → "51.1": cut, not rounded, so that a rate below the line never reads as the line (M10); None → "—"."""
    if rate is None:
        return "—"
    tenths = int(rate * 1000 + 1e-9)
    return f"{tenths // 10}.{tenths % 10}"
