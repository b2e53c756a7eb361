from uuid import uuid4

import pytest

from ideas.forms.ideas import IdeaForm
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("phone", "wrong"), [("13800138000", set()), ("0592-606 0000", {"phone"}), ("", {"phone"})])
def test_where_numbers_are_verified_a_mobile_one_must_be_given(campaign, settings, phone, wrong):
    settings.IDEAS_VERIFY_PHONE = True
    posted = factories.form_data(form_key=str(uuid4()), phone=phone, email="lin@example.com")
    assert IdeaForm(posted, campaign=campaign).errors.keys() == wrong
