"""Each voice has a volume, a mute and an equaliser of its own, driven by the sound that arrives."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.looks.made_up_room import make_up_room
from tests.looks.made_up_site import Site
from tests.looks.scripted import live_status, scripted, tell

# The page's own sound, with tones in place of what comes through a room: `hertz(side, frequency)`, 0 is silence.
# The cards are copies, for those of the page belong to its own sound already.
MAKE_SOUND = """async () => {
  const addressOf = (name) =>
    performance.getEntriesByType("resource").map((entry) => entry.name).find((address) => name.test(address));
  const { Sound } = await import(addressOf(/live\\/sound\\.[^/]*js$/));
  const { RemoteAudioTrack } = await import(addressOf(/livekit-client\\.esm\\.[^/]*mjs$/));
  const cards = [...document.querySelectorAll("[data-side][data-level]")].map((card) => {
    const copy = card.cloneNode(true);
    card.replaceWith(copy);
    return copy;
  });
  const shelf = document.createElement("div");
  document.body.append(shelf);
  const sound = new Sound({ cards, shelf, onChange() {} });
  const context = new AudioContext();
  const tones = new Map();
  for (const { dataset } of cards) {
    const tone = new OscillatorNode(context);
    const loudness = new GainNode(context, { gain: 0 });
    const target = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    tone.connect(loudness).connect(target);
    tone.start();
    tones.set(dataset.side, { tone, loudness });
    sound.add(dataset.side, new RemoteAudioTrack(target.stream.getAudioTracks()[0], dataset.side));
  }
  window.hertz = (side, frequency) => {
    const { tone, loudness } = tones.get(side);
    if (frequency) tone.frequency.value = frequency;
    loudness.gain.value = frequency ? 0.5 : 0;
  };
  window.volumes = () =>
    Object.fromEntries([...shelf.querySelectorAll("audio")].map((audio) => [audio.dataset.side, audio.volume]));
}"""
# Where the tallest bar stands, from 0 (left) to 1; null while all are at rest.
TALLEST = """(side) => {
  const canvas = document.querySelector(`[data-side=${side}] [data-bars]`);
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const tall = Array.from({ length: width }, (_, x) => {
    let pixels = 0;
    for (let y = 0; y < height; y += 1) pixels += data[4 * (y * width + x) + 3] > 200;
    return pixels;
  });
  const most = Math.max(...tall);
  return most > height / 4 ? tall.indexOf(most) / width : null;
}"""
LANE = """(side) => {
  const canvas = document.querySelector(`[data-side=${side}] [data-lane]`);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let at = 3; at < data.length; at += 4) drawn += data[at] > 200;
  return drawn;
}"""
IS_LOUD = "(side) => document.querySelector(`.speaker[data-side=${side}] meter`).value > 0.5"


@contextmanager
def sounding(site: Site, browser: Browser) -> Iterator[Page]:
    with site.open(browser, "waiting") as opened:
        opened.page.evaluate(MAKE_SOUND)
        yield opened.page


def wait_for(page: Page, condition: str, side: str) -> None:
    """Wait until the equaliser of a side fulfils a condition on `at`, the place of its tallest bar."""
    page.wait_for_function(f"(side) => {{ const at = ({TALLEST})(side); return {condition}; }}", arg=side)


def test_an_equaliser_shows_the_pitch_of_its_own_voice(site: Site, browser: Browser) -> None:
    with sounding(site, browser) as page:
        page.evaluate("hertz('dispatcher', 200)")
        wait_for(page, "at !== null && at < 0.4", "dispatcher")
        assert page.evaluate(TALLEST, "driver") is None

        page.evaluate("hertz('dispatcher', 4000)")
        wait_for(page, "at > 0.6", "dispatcher")
        page.evaluate("hertz('dispatcher', 0)")

        wait_for(page, "at === null", "dispatcher")


def test_a_lane_is_drawn_from_the_loudness_of_its_own_voice(site: Site, browser: Browser) -> None:
    with sounding(site, browser) as page:
        page.evaluate("hertz('driver', 440)")

        page.wait_for_function(f"() => ({LANE})('driver') > 200")

        assert page.evaluate(LANE, "dispatcher") == 0


def test_a_volume_changes_one_voice_alone(site: Site, browser: Browser) -> None:
    with sounding(site, browser) as page:
        page.get_by_role("slider", name="Volume of Tim").fill("30")

        assert page.evaluate("volumes()") == {"dispatcher": 0.3, "driver": 1}


def test_a_mute_silences_one_voice_alone_and_gives_its_volume_back(site: Site, browser: Browser) -> None:
    with sounding(site, browser) as page:
        page.get_by_role("slider", name="Volume of Chris").fill("60")
        mute = page.get_by_role("button", name="Mute Chris")

        mute.click()
        expect(mute).to_have_attribute("aria-pressed", "true")
        muted = page.evaluate("volumes()")
        mute.click()

        assert muted == {"dispatcher": 1, "driver": 0}
        assert page.evaluate("volumes()") == {"dispatcher": 1, "driver": 0.6}


def test_a_voice_that_was_muted_before_the_page_joined_shows_no_level_until_it_is_not(
    site: Site, browser: Browser
) -> None:
    room_made = {"steps": [{"name": "room", "label": "Room made", "done": True}]}
    with scripted(site, browser) as opened:
        make_up_room(opened.page, muted=["driver"])
        opened.page.reload()
        opened.page.locator("html[data-socket='open']").wait_for(state="attached")
        tell(opened.page, live_status(dispatcher="speaking", driver="speaking") | room_made)
        opened.page.wait_for_function(IS_LOUD, arg="dispatcher")
        shown = opened.page.locator(".speaker[data-side=driver] meter").evaluate("(meter) => meter.value")

        opened.page.evaluate("room.onMuted('driver', false)")

        assert shown == 0
        opened.page.wait_for_function(IS_LOUD, arg="driver")
