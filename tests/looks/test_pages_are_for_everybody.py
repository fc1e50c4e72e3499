"""What is said reaches a screen reader politely, and voices are told apart without colour."""

from playwright.sync_api import Browser

from tests.looks.made_up_site import Site


def test_what_is_said_is_a_polite_live_region_and_what_is_not_finished_is_not_read_out(
    site: Site, browser: Browser
) -> None:
    with site.open(browser, "live") as opened:
        region = opened.page.get_by_role("log", name="Finished turns")

        politeness = region.get_attribute("aria-live")
        live_ancestors = opened.page.locator(
            "[aria-live] [data-turns], [role=log] [data-turns], [role=status] [data-turns]"
        )

        assert politeness == "polite"
        assert live_ancestors.count() == 0
        assert opened.page.locator(".captions").get_attribute("aria-hidden") == "true"


def test_the_page_tells_both_voices_apart_without_colour(site: Site, browser: Browser) -> None:
    with site.open(browser, "finished") as opened:
        dispatcher, driver = (opened.page.locator(f".turn--{side}").first for side in ("dispatcher", "driver"))

        left, right = dispatcher.bounding_box(), driver.bounding_box()

        assert (dispatcher.locator(".turn__who").inner_text(), driver.locator(".turn__who").inner_text()) == (
            "Dispatcher",
            "Driver",
        )
        assert left is not None
        assert right is not None
        assert left["x"] < right["x"]
