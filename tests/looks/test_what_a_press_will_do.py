"""By the button of the launch form stands what it is about to do, and it follows what is picked."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.looks.made_up_site import Site
from tests.looks.test_pages_are_calm import NARROW, WIDE


def sum_of(page: Page) -> Locator:
    return page.locator("#order-sum")


def test_it_stands_there_from_the_beginning(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        expect(sum_of(opened.page)).to_contain_text("Frozen chicken to Dallas")
        expect(sum_of(opened.page)).to_contain_text("Tim and Chris · rehearsal voices · at most 6:00")


def test_it_follows_what_is_picked(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        page = opened.page
        page.get_by_role("radio", name="Late to pickup").check()
        page.get_by_role("radio", name="Walt").check()
        page.get_by_label("Seconds at most").fill("75")
        page.get_by_label("Telephone line").select_option("noisy")

        expect(sum_of(page)).to_contain_text("Late to pickup")
        expect(sum_of(page)).to_contain_text("Walt and Chris · rehearsal voices · at most 1:15 · line: noisy")


def test_a_persona_changed_for_this_call_is_said_to_be_changed(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        side = opened.page.locator("#driver")
        side.get_by_text("Change for this call").click()
        side.get_by_label("Character").fill("You are in a hurry.")

        expect(sum_of(opened.page)).to_contain_text("Tim and Chris, changed ·")


def test_a_scenario_of_ones_own_is_named_as_it_is_typed(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch_own") as opened:
        opened.page.get_by_label("Title").fill("Onions to Reno")

        expect(sum_of(opened.page)).to_contain_text("Onions to Reno")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_it_and_the_button_are_in_sight_wherever_the_reader_is(site: Site, browser: Browser, width: int) -> None:
    with site.open(browser, "launch", width=width) as opened:
        button = opened.page.get_by_role("button", name="Generate conversation")
        for share in (0, 0.5):
            opened.page.evaluate("(share) => scrollTo(0, document.body.scrollHeight * share)", share)

            expect(button).to_be_in_viewport(ratio=1)
            expect(sum_of(opened.page)).to_be_in_viewport(ratio=1)


def test_the_button_is_described_by_it(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        button = opened.page.get_by_role("button", name="Generate conversation")

        expect(button).to_have_accessible_description(re.compile("Frozen chicken to Dallas.*Tim and Chris"))


def test_a_wrong_number_is_told_by_its_field_in_sight_and_no_longer_once_it_is_right(
    site: Site, browser: Browser
) -> None:
    with site.open(browser, "launch") as opened:
        field = opened.page.get_by_label("Seconds at most")
        field.fill("5")
        opened.page.get_by_role("button", name="Generate conversation").click()
        words = opened.page.get_by_text("Give a whole number from 15 to 3600")
        expect(field).to_be_focused()
        told, bar = words.bounding_box(), opened.page.locator(".order__go").bounding_box()

        assert told is not None
        assert bar is not None
        assert 0 < told["y"] < bar["y"] - told["height"]
        field.fill("60")
        expect(words).to_have_count(0)


def test_a_text_that_is_too_long_is_said_to_be_and_kept(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        side = opened.page.locator("#driver")
        side.get_by_text("Change for this call").click()
        side.get_by_label("Character").fill("a" * 5000)

        expect(side).to_contain_text("At most 4,000 characters; these are 5,000.")
        assert len(side.get_by_label("Character").input_value()) == 5000


def test_what_was_refused_is_no_longer_told_once_it_is_mended(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch_own") as opened:
        opened.page.get_by_label("Load sheet").fill("no colon")
        opened.page.get_by_role("button", name="Generate conversation").click()
        told = opened.page.get_by_text("Nothing was launched yet.")
        expect(told).to_be_visible()

        opened.page.get_by_label("Load sheet").fill("miles: 330")
        opened.page.get_by_label("Load sheet").blur()

        expect(told).to_have_count(0)
        assert opened.page.locator("[aria-invalid], .field__bad").count() == 0


def test_who_plays_begins_on_the_first_screen(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch", width=WIDE) as opened:
        expect(opened.page.locator("#dispatcher legend")).to_be_in_viewport()


def test_on_a_phone_what_is_at_stake_opens_under_the_title_that_was_pressed(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch", width=NARROW) as opened:
        picked = opened.page.locator(".pick", has_text="Late to pickup")
        picked.click()

        expect(picked.locator("xpath=following-sibling::section")).to_be_in_viewport(ratio=0.9)
