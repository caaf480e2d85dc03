"""How PostgreSQL keeps traces: that of a thousand agents has 46 kB."""

import pytest
from django.db import connection

from routing.models import Decision

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


def test_traces_are_compressed_with_lz4_where_the_server_has_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        [has_lz4] = cursor.fetchone() or [False]
        cursor.execute(
            "SELECT attcompression FROM pg_attribute WHERE attname = 'trace' AND attrelid = %s::regclass",
            [Decision._meta.db_table],
        )
        [method] = cursor.fetchone()
    assert (method == "l") is has_lz4
