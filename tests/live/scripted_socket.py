"""A script in place of a live page's socket."""

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
