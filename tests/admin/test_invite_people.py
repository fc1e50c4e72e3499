"""An administrator makes sign-in links for other people."""

import re

import pytest
from django.contrib.auth.models import Permission, User

from dispatchsim.services.sign_in import get_owner, redeem_sign_in_link
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/auth/user/"


def test_the_owner_makes_a_link_for_somebody() -> None:
    vera = make_person("vera", "viewers")
    action = {"action": "make_sign_in_link", "_selected_action": [vera.pk]}

    page = signed_in(get_owner()).post(PEOPLE, action, follow=True).content.decode()

    found = re.search(r"/sign-in/([\w-]+)/", page)
    assert found is not None
    assert redeem_sign_in_link(found[1]) == vera


def test_staff_cannot_make_themselves_a_link_for_the_owner() -> None:
    clerk: User = make_person("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "view_user")))
    action = {"action": "make_sign_in_link", "_selected_action": [get_owner().pk]}

    assert signed_in(clerk).post(PEOPLE, action).status_code == 403
