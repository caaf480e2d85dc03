import pytest


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    """A slow hash is right in production and only costs time here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
