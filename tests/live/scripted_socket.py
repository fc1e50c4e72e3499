"""A script in place of a live page's socket, and turns for it to tell."""

from django.template.loader import render_to_string

from dispatchsim.domain.conversation import Role
from dispatchsim.services.transcript import TurnView

# The page connects; what `window.scripted.tell` is given then comes in as if a server had sent it.
SCRIPTED_SOCKET = """
(() => {
  class ScriptedSocket extends EventTarget {
    static OPEN = 1;
    readyState = 1;
    constructor(url) {
      super();
      // LiveKit's client opens sockets too; they come at a time of their own.
      if (String(url).includes("/ws/conversations/")) window.scripted = this;
      setTimeout(() => this.onopen?.());
    }
    send(text) {
      if (JSON.parse(text).type === "here") setTimeout(() => this.tell({ type: "here" }));
    }
    close() {}
    tell(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
  }
  window.WebSocket = ScriptedSocket;
})();
"""


def markup_of(speaker: Role) -> str:
    """Give the page's own markup of a finished turn, with a number and a text to be put in."""
    turn = TurnView(
        seq=4242,
        speaker=speaker,
        text="TEXT",
        heard_as="",
        start_s=1.0,
        end_s=2.0,
        interrupted=False,
        response_latency_s=0.5,
        item_id="",
        is_final=True,
    )
    return render_to_string("conversations/partials/_turn.html", {"turn": turn})
