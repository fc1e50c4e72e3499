"""A link signs one person in, once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from dispatchsim.models import SignInLink
from dispatchsim.services.sign_in import create_sign_in_link, link_command, redeem_sign_in_link
from tests.people import make_person

pytestmark = pytest.mark.django_db


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def test_a_link_is_an_absolute_address_of_this_installation(settings: Settings) -> None:
    settings.DISPATCHSIM_WEB_URL = "https://calls.example.org"

    assert create_sign_in_link().startswith("https://calls.example.org/sign-in/")


def test_the_database_holds_the_hash_alone() -> None:
    token = token_of(create_sign_in_link())

    link = SignInLink.objects.get()

    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_a_link_signs_the_owner_in() -> None:
    person = redeem_sign_in_link(token_of(create_sign_in_link()))

    assert person is not None
    assert person.get_username() == "owner"


def test_the_owner_may_do_everything_but_has_no_password() -> None:
    create_sign_in_link()

    owner = User.objects.get(username="owner")
    assert (owner.is_superuser, owner.has_usable_password()) == (True, False)


def test_two_links_are_for_the_same_owner() -> None:
    create_sign_in_link()
    create_sign_in_link()

    assert User.objects.filter(username="owner").count() == 1


def test_a_used_link_signs_nobody_in() -> None:
    token = token_of(create_sign_in_link())
    redeem_sign_in_link(token)

    assert redeem_sign_in_link(token) is None


def test_an_expired_link_signs_nobody_in() -> None:
    token = token_of(create_sign_in_link(life_s=-1))

    assert redeem_sign_in_link(token) is None


def test_an_unknown_link_signs_nobody_in() -> None:
    assert redeem_sign_in_link("no-such-token") is None


def test_a_link_of_a_closed_account_signs_nobody_in() -> None:
    person = make_person("gone")
    token = token_of(create_sign_in_link(user=person))
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert redeem_sign_in_link(token) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_open_a_link_at_once_one_is_signed_in() -> None:
    token = token_of(create_sign_in_link())
    together = Barrier(6)

    def redeem(_number: int) -> bool:
        together.wait(timeout=10)
        try:
            return redeem_sign_in_link(token) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=6) as pool:
        winners = sum(pool.map(redeem, range(6)))

    assert winners == 1


def test_opening_the_link_signs_the_browser_in(client: Client) -> None:
    link = create_sign_in_link()

    answer = client.get(f"/sign-in/{token_of(link)}/")

    assert (answer.status_code, client.session["_auth_user_id"]) == (302, str(User.objects.get().pk))


def test_no_cache_keeps_the_answer_to_a_link(client: Client) -> None:
    answer = client.get(f"/sign-in/{token_of(create_sign_in_link())}/")

    assert "no-store" in answer.headers["Cache-Control"]


def test_the_command_prints_the_link_alone(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sign_in_link")

    assert redeem_sign_in_link(token_of(capsys.readouterr().out.strip())) is not None


def test_the_command_makes_a_link_for_another_person(capsys: pytest.CaptureFixture[str]) -> None:
    person = make_person("vera", "viewers")

    call_command("sign_in_link", "--user", "vera")

    assert redeem_sign_in_link(token_of(capsys.readouterr().out.strip())) == person


def test_the_command_refuses_a_person_who_is_not_there() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("sign_in_link", "--user", "nobody")


def test_the_command_that_makes_another_link_leads_to_this_installation(settings: Settings) -> None:
    settings.PORT = 8100
    settings.DISPATCHSIM_WEB_URL = "http://127.0.0.1:8100"
    settings.DISPATCHSIM_DATA_DIR = Path("/srv/my calls")

    assert link_command() == ("PORT=8100 DISPATCHSIM_DATA_DIR='/srv/my calls' .venv/bin/python manage.py sign_in_link")


def test_the_command_of_an_installation_with_nothing_set_is_plain(settings: Settings) -> None:
    settings.PORT = 8000
    settings.DISPATCHSIM_WEB_URL = "http://127.0.0.1:8000"
    settings.DISPATCHSIM_DATA_DIR = settings.BASE_DIR / "data"

    assert link_command() == ".venv/bin/python manage.py sign_in_link"


def test_a_page_in_the_open_does_not_tell_where_the_data_lies(settings: Settings, client: Client) -> None:
    settings.DISPATCHSIM_WEB_URL = "https://calls.example.org"
    settings.DISPATCHSIM_DATA_DIR = Path("/srv/calls")
    settings.ALLOWED_HOSTS = ["testserver"]

    page = client.get("/sign-in/").content.decode()

    assert "DISPATCHSIM_DATA_DIR=…" in page
    assert "/srv/calls" not in page


def test_a_spent_link_tells_the_command_with_its_variables(settings: Settings, client: Client) -> None:
    settings.DISPATCHSIM_DATA_DIR = Path("/srv/calls")

    page = client.get("/sign-in/spent-token/").content.decode()

    assert "DISPATCHSIM_DATA_DIR=/srv/calls" in page
