"""axe-core finds nothing serious, wide and narrow, light and dark; what is said reaches a screen reader politely."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.live.stack import ROOT
from tests.looks.made_up_site import PAGES, Site
from tests.looks.window import Scheme

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
COLOURS_HAVE_ARRIVED = """async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
}"""
# Labels that are pictures with a text alternative, as that of the admin's search, are not read by this rule.
NOT_READ_IN_ADMIN = ("label-title-only",)
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module", params=PAGES)
def shown(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Iterator[tuple[str, Page]]:
    """Each page once; tests change its width and colours."""
    with ExitStack() as stack:
        opened = stack.enter_context(site.open(browser, request.param))
        inject_axe(opened.page)
        yield request.param, opened.page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious(shown: tuple[str, Page], width: int, scheme: Scheme) -> None:
    name, page = shown
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    grave = find_grave(page, but=NOT_READ_IN_ADMIN if name.startswith("admin") else ())

    assert grave == [], name


def inject_axe(page: Page) -> None:
    """Bring axe-core in: a script that the browser was asked to run is not the page's, and CSP stays as it is."""
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE})


def find_grave(page: Page, *, but: Sequence[str] = ()) -> list[tuple[str, list[str]]]:
    """Let axe-core look at the page as it stands, and give what is serious with where it is."""
    page.evaluate(COLOURS_HAVE_ARRIVED)
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in GRAVE and one["id"] not in but
    ]


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
