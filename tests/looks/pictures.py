"""Pictures of each page for people to look at; `make pictures` runs this file alone."""

import pytest
from playwright.sync_api import Browser

from tests.live.stack import ROOT
from tests.looks.made_up_site import PAGES, SELDOM, Site
from tests.looks.window import Scheme

FOLDER = ROOT / "build" / "pictures"
WIDTHS = (390, 1280)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES + SELDOM)
def test_a_picture_is_taken(site: Site, browser: Browser, name: str, width: int, scheme: Scheme) -> None:
    file = FOLDER / f"{name}-{width}-{scheme}.png"

    with site.open(browser, name, width=width, scheme=scheme) as opened:
        if name == "live":
            opened.page.get_by_role("button", name="Captions").click()
            opened.page.mouse.move(0, 0)
        else:
            # As high as the page: what sticks to the window's edge would lie across a longer picture.
            height = opened.page.evaluate("document.documentElement.scrollHeight")
            opened.page.set_viewport_size({"width": width, "height": height})
        opened.page.screenshot(path=file)

    assert file.stat().st_size > 0
