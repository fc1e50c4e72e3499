// The page's own socket: it comes back by itself and asks for what it missed.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const GIVEN_UP = 1006; // as browsers call a loss without a close
const STEADY_MS = 5000; // open this long: the next loss starts with a short wait again
const TICK_MS = 1000;
const ASK_TICKS = 3; // so long nothing came: ask whether anybody is there
const LOST_TICKS = 10; // nor an answer: packets can vanish without any close
const FRESH_MS = 4000; // a live call is told of every 2 s or so, and a question answered at once
const FOR_GOOD = [4401, 4403, 4404]; // signed out, no permission, no such call: asking again changes nothing

export class LiveSocket {
  #socket = null;
  #wait_ms = FIRST_WAIT_MS;
  #timer = 0;
  #isClosed = false;
  #silentTicks = 0; // not by the clock: a page that was asleep must first take in what waits for it
  #heardAt = -Infinity;

  /** `after` is a function: how far this page has got, asked at each connect. */
  constructor({ path, after, onMessage, onState }) {
    this.path = path;
    this.after = after;
    this.onMessage = onMessage;
    this.onState = onState;
    addEventListener("online", () => this.#retryNow());
    addEventListener("offline", () => this.#giveUp());
    setInterval(() => this.#watch(), TICK_MS);
  }

  /** Whether the server was heard just now; while it is not, what it does not tell means nothing. */
  get isHeard() {
    return this.#socket?.readyState === WebSocket.OPEN && performance.now() - this.#heardAt < FRESH_MS;
  }

  open() {
    if (this.#isClosed) return;
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("after", this.after());
    this.onState("connecting");
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#silentTicks = 0;
    let steady = 0;
    socket.onopen = () => {
      this.#noteHeard();
      steady = setTimeout(() => (this.#wait_ms = FIRST_WAIT_MS), STEADY_MS);
      this.onState("open");
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#noteHeard();
      this.onMessage(JSON.parse(data));
    };
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
    this.#giveUp();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.onState("closed");
  }

  #noteHeard() {
    this.#silentTicks = 0;
    this.#heardAt = performance.now();
  }

  #watch() {
    this.#silentTicks += 1;
    if (this.#silentTicks === ASK_TICKS) this.send({ type: "here" });
    if (this.#silentTicks >= LOST_TICKS) this.#giveUp();
  }

  /** Take the socket for lost at once: where packets vanish, the browser is long in closing it. */
  #giveUp() {
    const socket = this.#socket;
    if (this.#isClosed || socket === null) return;
    this.#onLost(GIVEN_UP);
    socket.close();
  }

  #onLost(code) {
    this.#socket = null;
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
