"""A page that loses its server says so, and is up to date again by itself."""

from playwright.sync_api import Browser, Page, expect

from tests.live.stack import BESIDES_WEB, Stack

BACK_MS = 20_000  # the longest wait between two tries is 8 s, give or take a quarter
ADD_CALL = """
from tests.api.calls import make_call, add_turn
call = make_call()
add_turn(call, 1, "dispatcher", "Before.")
print(call.pk)
"""
ADD_TURN = """
from dispatchsim.models import Conversation
from tests.api.calls import add_turn

add_turn(Conversation.objects.get(), 2, "driver", "Meanwhile.")
"""
LOST = "Connection lost. Trying again…"


def _open(stack: Stack, browser: Browser) -> Page:
    stack.start("web")
    stack.wait_ready(without=BESIDES_WEB)
    page = browser.new_context().new_page()
    page.goto(stack.sign_in_link())
    page.goto(f"{stack.web_url}/conversations/{stack.manage('shell', '-c', ADD_CALL).split()[-1]}/")
    expect(page.locator("html[data-socket='open']")).to_be_attached()
    page.evaluate("window.isSamePage = true")
    return page


def test_a_page_catches_up_after_the_web_part_was_killed(own_stack: Stack, browser: Browser) -> None:
    page = _open(own_stack, browser)

    own_stack.kill("web")
    expect(page.get_by_text(LOST)).to_be_visible()
    own_stack.manage("shell", "-c", ADD_TURN)
    own_stack.start("web")

    expect(page.locator("[data-turns]").get_by_text("Meanwhile.")).to_be_visible(timeout=BACK_MS)
    expect(page.get_by_text(LOST)).to_be_hidden()
    assert page.evaluate("window.isSamePage") is True


def test_a_page_catches_up_after_the_network_was_away(own_stack: Stack, browser: Browser) -> None:
    page = _open(own_stack, browser)

    page.context.set_offline(True)
    expect(page.get_by_text(LOST)).to_be_visible()
    own_stack.manage("shell", "-c", ADD_TURN)
    page.context.set_offline(False)

    expect(page.locator("[data-turns]").get_by_text("Meanwhile.")).to_be_visible(timeout=BACK_MS)
    expect(page.get_by_text(LOST)).to_be_hidden()
    assert page.evaluate("window.isSamePage") is True
