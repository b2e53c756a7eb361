"""Stamping locks nothing that anybody else writes."""

import pytest
from django.db import connection

from ideas.queries.stamps import GROWING
from ideas.services import stamps as services
from tests import clock, factories


@pytest.mark.django_db(transaction=True)
def test_what_a_stamp_covers_is_read_before_its_transaction(campaign, monkeypatch):
    factories.make_idea(campaign)
    in_transaction, reading = [], services.fresh_rows

    def read(table, at):
        in_transaction.append(connection.in_atomic_block)
        return reading(table, at)

    monkeypatch.setattr(services, "fresh_rows", read)
    assert services.stamp(at=clock.RATING_UNTIL)
    assert in_transaction == [False] * len(GROWING)
