"""The two voices of the live page: what is shown of them agrees, is labelled, and stands in line."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.looks.made_up_site import Site
from tests.looks.scripted import live_status, scripted, tell
from tests.looks.test_pages_are_calm import NARROW, WIDE


def badge(page: Page, side: str) -> Locator:
    return page.locator(f"[data-side={side}] [data-state-badge]")


def test_whoever_begins_to_speak_has_the_floor_before_anything_is_heard(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        tell(opened.page, live_status(dispatcher="speaking", driver="listening"))

        expect(badge(opened.page, "dispatcher")).to_have_text("Speaking")
        expect(opened.page.locator("[data-floor-who]")).to_have_text("Tim has the floor")


def test_while_nobody_speaks_no_badge_says_otherwise(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        tell(opened.page, live_status(dispatcher="thinking", driver="listening"))

        expect(opened.page.locator("[data-floor-who]")).to_have_text("Nobody speaks yet")
        assert [badge(opened.page, side).inner_text() for side in ("dispatcher", "driver")] == ["Thinking", "Listening"]


@pytest.mark.parametrize(("age_s", "words"), [(0.5, "on the line"), (12.0, "no contact for 12 s")])
def test_an_agents_contact_is_told_in_plain_words(site: Site, browser: Browser, age_s: float, words: str) -> None:
    with scripted(site, browser) as opened:
        tell(opened.page, live_status(dispatcher="listening", driver="listening"))
        tell(opened.page, {"type": "seen", "agents": {"dispatcher": age_s, "driver": 0.1}})

        expect(opened.page.locator("[data-side=dispatcher] [data-seen]")).to_have_text(words)


@pytest.mark.parametrize("label", ["Level", "Volume"])
def test_each_control_of_a_voice_has_a_label_in_sight(site: Site, browser: Browser, label: str) -> None:
    with site.open(browser, "live") as opened:
        for side in ("dispatcher", "driver"):
            expect(opened.page.locator(f".speaker[data-side={side}]").get_by_text(label, exact=True)).to_be_visible()


def test_level_and_volume_stand_in_one_line(site: Site, browser: Browser) -> None:
    with site.open(browser, "live") as opened:
        parts = opened.page.locator(".speaker[data-side=driver]").locator(".speaker__label, meter, [data-volume]")
        boxes = [one.bounding_box() for one in parts.all()]

    middles = [box["y"] + box["height"] / 2 for box in boxes if box]
    assert len(middles) == 4
    assert max(middles) - min(middles) <= 2


def test_what_is_at_stake_stands_beside_the_transcript(site: Site, browser: Browser) -> None:
    with site.open(browser, "live", width=WIDE) as opened:
        sheet = opened.page.get_by_role("complementary", name="What is at stake")

        expect(sheet.get_by_text("frozen chicken")).to_be_visible()


def test_on_a_phone_what_is_at_stake_is_one_press_away(site: Site, browser: Browser) -> None:
    with site.open(browser, "live", width=NARROW) as opened:
        sheet = opened.page.get_by_role("complementary", name="What is at stake")
        expect(opened.page.get_by_text("frozen chicken", exact=True)).to_be_hidden()

        opened.page.get_by_role("button", name="Load sheet").click()
        expect(sheet.get_by_text("frozen chicken")).to_be_visible()

        opened.page.keyboard.press("Escape")
        expect(opened.page.get_by_text("frozen chicken", exact=True)).to_be_hidden()
