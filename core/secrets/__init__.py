"""Secrets that the database keeps encrypted: the keys, the model field, and encrypting again with a new key."""

from core.secrets.fields import EncryptedTextField, StoredSecret
from core.secrets.keys import BadSecretsKey, Unreadable, decrypt, encrypt, read_keys
from core.secrets.rotation import Rotated, rotate_all, unreadable_columns

__all__ = [
    "BadSecretsKey",
    "EncryptedTextField",
    "Rotated",
    "StoredSecret",
    "Unreadable",
    "decrypt",
    "encrypt",
    "read_keys",
    "rotate_all",
    "unreadable_columns",
]
