"""Owners say who may do what: one form with a name, one choice of rights, and a way in."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from dispatchsim.services.accounts import Access, find_access, give_access
from dispatchsim.services.sign_in import get_owner, redeem_sign_in_link
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/auth/user/"
PASSWORD = "seven grey herons"
OF_DEVELOPERS = r"LDAP|algorithm|salt|hash|[Ss]taff status|[Ss]uperuser|Password-based|Raw password|\busers?\b|groups"


@pytest.fixture
def owner(db: None) -> Client:
    """The owner's browser."""
    return signed_in(get_owner())


@pytest.fixture
def second(db: None) -> User:
    """Another owner."""
    person: User = make_person("olga")
    give_access(person=person, access=Access.OWNER)
    return person


def of(person: User) -> str:
    return f"{PEOPLE}{person.pk}/change/"


def text_of(answer: Any) -> str:
    page = re.sub(r"<(head|dialog).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def add(owner: Client, name: str = "nina", **chosen: str) -> Any:
    form = {"username": name, "may": "viewer", "signs_in": "link"} | chosen
    return owner.post(f"{PEOPLE}add/", form, follow=True)


def change(browser: Client, person: User, **chosen: str) -> Any:
    form = {"username": person.username, "is_active": "on", "signs_in": "as-before"} | chosen
    return browser.post(of(person), form, follow=True)


def read(name: str) -> User:
    return User.objects.get(username=name)


def test_a_new_person_is_a_viewer_who_comes_by_a_link_unless_one_chooses_otherwise(owner: Client) -> None:
    form: Any = owner.get(f"{PEOPLE}add/").context["adminform"].form

    assert (form["may"].value(), form["signs_in"].value()) == ("viewer", "link")


@pytest.mark.parametrize("access", Access)
def test_a_new_person_may_do_what_was_chosen(owner: Client, access: Access) -> None:
    add(owner, may=access.value)

    assert find_access(read("nina")) is access


def test_a_new_person_comes_in_by_the_link_that_is_shown(owner: Client) -> None:
    found = re.search(r"/sign-in/([\w-]+)/", add(owner).content.decode())

    assert found is not None
    assert redeem_sign_in_link(found[1]) == read("nina")


def test_a_new_person_comes_in_with_the_password_that_was_set(owner: Client) -> None:
    add(owner, signs_in="password", password1=PASSWORD, password2=PASSWORD)

    assert Client().login(username="nina", password=PASSWORD)


@pytest.mark.parametrize(
    ("first", "again", "said"),
    [
        ("", "", "Write a password"),
        (PASSWORD, "seven grey heron", "not the same"),
        ("12345678", "12345678", "too common"),
        ("nina.berger1", "nina.berger1", "too similar"),
    ],
)
def test_a_password_that_will_not_do_adds_nobody(owner: Client, first: str, again: str, said: str) -> None:
    page = text_of(add(owner, "nina.berger", signs_in="password", password1=first, password2=again))

    assert (said in page, User.objects.filter(username="nina.berger").exists()) == (True, False)


def test_no_password_is_in_the_answer(owner: Client) -> None:
    page = add(owner, signs_in="password", password1=PASSWORD, password2="seven grey heron").content.decode()

    assert PASSWORD not in page


@pytest.mark.parametrize("path", ["", "add/", "{}/change/", "{}/delete/", "{}/history/"])
def test_no_word_of_developers_is_shown(owner: Client, viewer: User, path: str) -> None:
    viewer.set_password(PASSWORD)
    viewer.save()

    assert re.findall(OF_DEVELOPERS, text_of(owner.get(PEOPLE + path.format(viewer.pk)))) == []


def test_no_hash_is_in_the_form(owner: Client, viewer: User) -> None:
    viewer.set_password(PASSWORD)
    viewer.save()

    assert "pbkdf2" not in owner.get(of(viewer)).content.decode()


def test_nobody_searches_for_hashes(owner: Client, viewer: User) -> None:
    assert owner.get(f"{PEOPLE}?password__startswith=pbkdf2").status_code == 400


def test_a_changed_choice_replaces_what_somebody_might(owner: Client, author: User) -> None:
    change(owner, author, may="viewer")

    assert find_access(read("ada")) is Access.VIEWER


def test_a_saved_form_leaves_the_password_as_it_was(owner: Client, viewer: User) -> None:
    viewer.set_password(PASSWORD)
    viewer.save()

    change(owner, viewer, may="operator")

    assert Client().login(username="vera", password=PASSWORD)


def test_rights_put_together_one_by_one_stay_unless_one_chooses_otherwise(owner: Client, clerk: User) -> None:
    change(owner, clerk, may="as-it-is")

    carl = read("clerk")
    assert (carl.is_staff, carl.user_permissions.count()) == (True, 2)


def test_somebody_without_rights_is_not_given_any_by_saving(owner: Client, stranger: User) -> None:
    change(owner, stranger, may="as-it-is")

    assert not read("sam").groups.exists()


def test_who_may_no_longer_sign_in_stays_in_the_list(owner: Client, viewer: User) -> None:
    change(owner, viewer, may="viewer", is_active="")

    assert "vera viewer not any more" in text_of(owner.get(PEOPLE))


def test_setting_ones_own_password_keeps_one_signed_in(owner: Client) -> None:
    answer = change(owner, get_owner(), signs_in="password", password1=PASSWORD, password2=PASSWORD)

    assert "Saved: owner, owner." in text_of(answer)


@pytest.mark.parametrize("forged", [{"may": "viewer"}, {"is_active": ""}])
def test_owners_cannot_lock_themselves_out(second: User, forged: dict[str, str]) -> None:
    change(signed_in(second), second, **forged)

    olga = read("olga")
    assert (olga.is_active, find_access(olga)) == (True, Access.OWNER)


@pytest.mark.parametrize("forged", [{"may": "viewer"}, {"is_active": ""}, {"username": "nobody"}])
def test_whom_the_terminal_signs_in_stays_the_owner(second: User, forged: dict[str, str]) -> None:
    change(signed_in(second), get_owner(), **forged)

    assert (read("owner").is_active, find_access(read("owner"))) == (True, Access.OWNER)


def test_nobody_deletes_themselves(second: User) -> None:
    assert signed_in(second).post(f"{PEOPLE}{second.pk}/delete/", {"post": "yes"}).status_code == 403


def test_nobody_deletes_themselves_among_others(second: User, viewer: User) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [second.pk, viewer.pk], "post": "yes"}

    signed_in(second).post(PEOPLE, chosen)

    assert User.objects.filter(username="olga").exists()


@pytest.fixture
def steward(db: None) -> User:
    """Somebody of the staff who looks after people, and is no owner."""
    person: User = make_person("stew", is_staff=True)
    codes = ("view_user", "add_user", "change_user", "delete_user")
    person.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return person


def test_only_owners_make_owners(steward: User, viewer: User) -> None:
    browser = signed_in(steward)

    add(browser, may="owner", signs_in="password", password1=PASSWORD, password2=PASSWORD)
    change(browser, viewer, may="owner")

    assert list(User.objects.filter(is_superuser=True)) == []


def test_only_owners_set_an_owners_password(steward: User) -> None:
    change(signed_in(steward), get_owner(), signs_in="password", password1=PASSWORD, password2=PASSWORD)

    assert not Client().login(username="owner", password=PASSWORD)


def test_only_owners_make_links(steward: User) -> None:
    page = add(signed_in(steward)).content.decode()

    assert ("/sign-in/" in page, User.objects.filter(username="nina").exists()) == (False, False)


def test_who_may_only_look_is_told_what_people_may_do(viewer: User) -> None:
    looker = make_person("lou", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_user"))

    answer = signed_in(looker).get(of(viewer))

    assert (answer.status_code, 'name="may"' in answer.content.decode()) == (200, False)
