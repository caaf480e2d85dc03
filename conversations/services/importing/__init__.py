"""Chat history from files (CONTRACT 4): `files` reads, `rows` judges each row, `store` writes, `run` leads."""

from .files import BadFile, ChatFile
from .run import Progress, Refusal, Report, import_history

__all__ = ["BadFile", "ChatFile", "Progress", "Refusal", "Report", "import_history"]
