"""A new sign-in link is copied by a press."""

from playwright.sync_api import Browser

from tests.looks.made_up_site import Site


def test_the_link_that_is_shown_is_in_the_clipboard_after_a_press(site: Site, browser: Browser) -> None:
    with site.open(browser, "admin_people") as opened:
        page = opened.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("row").filter(has_text="viewer").get_by_role("checkbox").check()
        page.locator("select[name=action]").select_option("make_sign_in_link")
        page.get_by_role("button", name="Go").click()

        page.get_by_role("button", name="Copy the link").click()
        page.get_by_role("button", name="Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        page.context.clear_permissions()

        assert copied == page.locator(".messagelist code").inner_text()
