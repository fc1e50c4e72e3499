"""A room in place of LiveKit's, for a live page that a test opens: it has two tracks, each a tone that does not end."""

import json
import re
from collections.abc import Collection

from playwright.sync_api import Page

# Stands for `room.js`: `window.room` is what the page made of it. Tones begin with `join`.
ROOM = """
function makeTrack(context) {
  const tone = new OscillatorNode(context), out = new MediaStreamAudioDestinationNode(context);
  tone.connect(out);
  tone.start();
  const element = document.createElement("audio");
  const [mediaStreamTrack] = out.stream.getAudioTracks();
  return { mediaStreamTrack, attach: () => element, detach: () => [element], setVolume() {} };
}

export class RoomListener {
  canPlay = true;
  hasLeft = false;
  constructor(listeners) {
    Object.assign(this, listeners);
    window.room = this;
  }
  async join() {
    if (this.context) return;
    this.context = new AudioContext();
    this.onState("connected");
    for (const side of ["dispatcher", "driver"]) this.onTrack(side, makeTrack(this.context), MUTED.includes(side));
  }
  async startSound() {}
  expectEnd() {}
  async leave() {
    this.hasLeft = true;
    this.onState("left");
  }
}
"""


def make_up_room(page: Page, *, muted: Collection[str] = ()) -> None:
    """Put this room in place of LiveKit's for what the page loads from now on; sides in `muted` were muted before."""
    module = f"const MUTED = {json.dumps(list(muted))};\n{ROOM}"
    page.route(
        re.compile(r"/live/room\.[^/]*js$"), lambda route: route.fulfill(content_type="text/javascript", body=module)
    )
