// The page's own socket: it comes back by itself and asks for what it missed.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const STEADY_MS = 5000; // open this long: the next loss starts with a short wait again
const FOR_GOOD = [4401, 4403, 4404]; // signed out, no permission, no such call: asking again changes nothing

export class LiveSocket {
  #socket = null;
  #wait_ms = FIRST_WAIT_MS;
  #timer = 0;
  #isClosed = false;

  /** `after` is a function: how far this page has got, asked at each connect. */
  constructor({ path, after, onMessage, onState }) {
    this.path = path;
    this.after = after;
    this.onMessage = onMessage;
    this.onState = onState;
    addEventListener("online", () => this.#retryNow());
    addEventListener("offline", () => this.#socket?.close());
  }

  open() {
    if (this.#isClosed) return;
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("after", this.after());
    this.onState("connecting");
    const socket = new WebSocket(url);
    this.#socket = socket;
    let steady = 0;
    socket.onopen = () => {
      steady = setTimeout(() => (this.#wait_ms = FIRST_WAIT_MS), STEADY_MS);
      this.onState("open");
    };
    socket.onmessage = ({ data }) => this.onMessage(JSON.parse(data));
    socket.onclose = ({ code }) => {
      clearTimeout(steady);
      if (socket === this.#socket) this.#onLost(code);
    };
  }

  /** Say something; false when there is nobody to hear it just now. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Connect anew, to be told what is missing. */
  reopen() {
    this.#socket?.close();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.onState("closed");
  }

  #onLost(code) {
    if (this.#isClosed) return;
    if (FOR_GOOD.includes(code)) {
      this.#isClosed = true;
      this.onState("refused", code);
      return;
    }
    this.onState("lost");
    // Many pages lose the server at the same moment; they must not all return at the same one.
    this.#timer = setTimeout(() => this.open(), this.#wait_ms * (0.75 + Math.random() / 2));
    this.#wait_ms = Math.min(LONGEST_WAIT_MS, this.#wait_ms * 2);
  }

  #retryNow() {
    if (this.#isClosed || this.#socket?.readyState === WebSocket.OPEN) return;
    clearTimeout(this.#timer);
    this.#socket?.close(); // one that still connects was begun on a network that is gone
    this.open();
  }
}
