"""The audit log is read in pieces, without a cursor of the server's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.audit import AuditFilters, audit_entries, each_entry
from agents.models import AuditEntry
from tests.agents.factories import make_shop


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_every_entry_comes_once_and_in_order_though_some_are_of_the_same_moment(
    size: int, django_assert_num_queries
) -> None:
    shop, now = make_shop(), timezone.now()
    for minutes in (3, 1, 1, 1, 2, 0, 1):
        AuditEntry.objects.create(shop=shop, action="shop_changed", at=now - timedelta(minutes=minutes))
    expected = [row.pk for row in audit_entries(shop, AuditFilters())]
    with django_assert_num_queries(len(expected) // size + 1):
        assert [row.pk for row in each_entry(audit_entries(shop, AuditFilters()), size)] == expected
