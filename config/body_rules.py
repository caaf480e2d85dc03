"""Largest bodies of requests by path: the input of core.http.body_limits."""

import re

from django.conf import settings

KB, MB = 1024, 1024**2
UPLOAD = settings.MAX_IMAGE_BYTES + 64 * KB
BODY_RULES = [
    (re.compile(pattern), limit)
    for pattern, limit in (
        (r"/chat/[^/]+/images/$", UPLOAD),
        (r"/api/v1/shops/[^/]+/conversations/[0-9]+/messages/$", UPLOAD),
        (r"/api/v1/(simulate/|shops/[^/]+/routing/)", 6 * MB),
        (r"/api/v1/auth/", 64 * KB),
        (r"/api/", MB),
        (r"/(s|admin)/", 6 * MB),
    )
]
"""By path, the first that fits, in bytes. For the sign-in, the buyers' chat and everything else: DEFAULT_BODY_BYTES."""
DEFAULT_BODY_BYTES = 64 * KB
