"""The time of day, for what goes by the real clock."""

from datetime import UTC, datetime


def afternoon() -> str:
    """A zone in which it is two in the afternoon: inside the counted hours, and no midnight comes."""
    ahead = 14 - datetime.now(UTC).hour
    ahead -= 24 * (ahead > 14)
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
