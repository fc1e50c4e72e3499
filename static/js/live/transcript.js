// The transcript while it is spoken: turns by number, replaced in place, and between them what was done with tools,
// by time; work is done once a frame.

const NEAR_END_PX = 48; // closer than this to the end counts as following the newest turn
const ASK_AGAIN = 4; // a peer's transcription comes late: the last turns are asked for once more
const ANNOUNCED = 4; // finished turns kept in the live region
const PAGE = 25; // turns; those of a full page cost nothing while they are out of view

const FOCUSABLE = ["a", "summary"]; // of a turn: who is there with the keyboard stays there when it changes

const roleNames = { dispatcher: "Dispatcher", driver: "Driver" };

function inNextFrame(run) {
  // A hidden page gets no frames; the newest state of each turn is kept until then.
  if (document.hidden) setTimeout(run, 250);
  else requestAnimationFrame(run);
}

function parse(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html; // rendered and escaped by the server, from the page's own template
  return parsed.content.firstElementChild;
}

export class Transcript {
  #turns = new Map(); // seq -> {element, text, isFinal}
  #html = new Map(); // seq -> markup not yet in the page
  #words = new Map(); // seq -> {speaker, text} not yet in the page
  #uses = new Map(); // place in the event log -> element
  #useHtml = new Map(); // place in the event log -> markup not yet in the page
  #isOutOfPlace = false; // a use may stand before or after the wrong turn
  #isScheduled = false;
  #isFollowing = true;
  #unseen = 0;
  #latestSaid = 0;
  #lastTop = 0;

  constructor({ scroller, list, blank, newest, announcer, onFirst, onSaid }) {
    this.scroller = scroller;
    this.list = list;
    this.blank = blank;
    this.newest = newest;
    this.announcer = announcer;
    this.onFirst = onFirst;
    this.onSaid = onSaid; // (speaker, text) of the turn that was last added to
    for (const element of list.querySelectorAll("[data-seq]")) this.#remember(element);
    for (const element of list.querySelectorAll("[data-use]")) this.#uses.set(Number(element.dataset.use), element);
    this.#turnPages();
    scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    newest.addEventListener("click", () => this.showNewest());
    const sizes = new ResizeObserver(() => this.#isFollowing && this.#scrollToEnd());
    sizes.observe(scroller);
    sizes.observe(list); // turns that come into view for the first time get their true height
    this.#scrollToEnd();
  }

  get count() {
    return this.#turns.size;
  }

  /** The number after which turns must be sent again: everything up to it is final here. */
  get after() {
    let settled = 0;
    while (this.#turns.get(settled + 1)?.isFinal) settled += 1;
    return Math.max(0, settled - ASK_AGAIN);
  }

  /** Whether a turn is missing between those that are here. */
  get hasHole() {
    return Math.max(0, ...this.#turns.keys()) > this.#turns.size;
  }

  takeTurn(seq, html) {
    this.#html.set(seq, html);
    this.#words.delete(seq);
    this.#schedule();
  }

  /** What a side did with a tool; a page that comes back is told everything again. */
  takeUse(seq, html) {
    if (this.#uses.has(seq)) return;
    this.#useHtml.set(seq, html);
    this.#schedule();
  }

  takeWords(seq, speaker, text) {
    this.#words.set(seq, { speaker, text });
    this.#schedule();
  }

  showNewest() {
    this.#isFollowing = true;
    this.#unseen = 0;
    this.newest.hidden = true;
    this.#scrollToEnd();
  }

  /** Bring into the page what has come since the last frame. */
  flush() {
    this.#isScheduled = false;
    const before = this.#turns.size;
    for (const [seq, html] of this.#html) this.#putTurn(seq, html);
    for (const [seq, words] of this.#words) this.#putWords(seq, words);
    for (const [seq, html] of this.#useHtml) this.#putUse(seq, html);
    if (this.#isOutOfPlace) this.#placeUses();
    this.#tellSaid();
    this.#html.clear();
    this.#words.clear();
    this.#useHtml.clear();
    const added = this.#turns.size - before;
    if (added > 0) this.#turnPages();
    if (before === 0 && added > 0) this.onFirst();
    if (this.#isFollowing) this.#scrollToEnd();
    else if (added > 0) this.#tellUnseen(added);
  }

  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    inNextFrame(() => this.flush());
  }

  #tellSaid() {
    const latest = Math.max(0, ...this.#html.keys(), ...this.#words.keys());
    if (latest < this.#latestSaid) return; // an older turn was corrected
    this.#latestSaid = latest;
    const turn = this.#turns.get(latest);
    if (turn) this.onSaid(turn.element.dataset.speaker, turn.text.textContent);
  }

  #putTurn(seq, html) {
    const known = this.#turns.get(seq);
    const element = parse(html);
    if (!element) return;
    if (known) {
      const wasOpen = known.element.querySelector("details")?.open;
      const focused = FOCUSABLE.find((selector) => known.element.querySelector(selector) === document.activeElement);
      known.element.replaceWith(element);
      if (wasOpen) element.querySelector("details")?.setAttribute("open", "");
      if (focused) element.querySelector(focused)?.focus({ preventScroll: true });
    } else {
      this.#insert(seq, element);
    }
    const turn = this.#remember(element);
    if (turn.start !== known?.start) this.#isOutOfPlace = true;
    if (turn.isFinal && !known?.isFinal) this.#announce(element, turn.text.textContent);
  }

  #putUse(seq, html) {
    const element = parse(html);
    if (!element) return;
    this.#uses.set(seq, element);
    this.#isOutOfPlace = true;
    this.#announce(element, element.querySelector(".use__text").textContent);
  }

  /** Put each use before the first turn that begins after it, as the server does for the whole page. */
  #placeUses() {
    this.#isOutOfPlace = false;
    if (this.#uses.size === 0) return;
    const turns = [...this.#turns].sort(([a], [b]) => a - b).map(([, turn]) => turn);
    const uses = [...this.#uses].sort(([a, first], [b, second]) => first.dataset.at - second.dataset.at || a - b);
    let passed = 0;
    let previous = null;
    for (const [, use] of uses) {
      while (passed < turns.length && turns[passed].start <= Number(use.dataset.at)) {
        previous = turns[passed].element;
        passed += 1;
      }
      const isInPlace = use.isConnected && this.#before(use) === previous;
      if (!isInPlace && previous) previous.after(use);
      else if (!isInPlace) this.list.firstElementChild.prepend(use);
      previous = use;
    }
  }

  /** The line before this one, also at the top of a page. */
  #before(line) {
    return line.previousElementSibling ?? line.parentElement.previousElementSibling?.lastElementChild ?? null;
  }

  #putWords(seq, { speaker, text }) {
    let turn = this.#turns.get(seq);
    if (turn?.isFinal) return;
    if (!turn) {
      const element = this.blank.content.firstElementChild.cloneNode(true);
      element.id = `turn-${seq}`;
      element.dataset.seq = seq;
      element.dataset.speaker = speaker;
      element.classList.add(`turn--${speaker}`, `voice--${speaker}`);
      element.querySelector(".turn__who").textContent = roleNames[speaker] ?? speaker;
      this.#insert(seq, element);
      turn = this.#remember(element);
    }
    turn.text.textContent = text;
  }

  #insert(seq, element) {
    const isNewest = seq > Math.max(0, ...this.#turns.keys());
    const previous = isNewest ? this.list.lastElementChild.lastElementChild : this.#nearestBefore(seq);
    if (previous) previous.after(element);
    else this.list.firstElementChild.prepend(element);
    this.#isOutOfPlace = true;
  }

  #nearestBefore(seq) {
    let before = seq - 1;
    while (before > 0 && !this.#turns.has(before)) before -= 1;
    return this.#turns.get(before)?.element;
  }

  /** Put full pages aside, each as high as it is, so that nothing moves under a reader. */
  #turnPages() {
    let last = this.list.lastElementChild;
    while (last.children.length > 2 * PAGE) {
      const full = last.cloneNode(false);
      const turns = [...last.children].slice(0, PAGE);
      const height = turns.at(-1).getBoundingClientRect().bottom - turns[0].getBoundingClientRect().top;
      full.style.containIntrinsicSize = `auto ${height}px`;
      full.append(...turns);
      last.before(full);
    }
  }

  #remember(element) {
    const turn = {
      element,
      text: element.querySelector(".turn__text"),
      start: Number(element.dataset.start ?? Infinity), // s; words come before anybody knows when they began
      isFinal: element.dataset.final === "true",
    };
    this.#turns.set(Number(element.dataset.seq), turn);
    return turn;
  }

  #announce(element, text) {
    const line = document.createElement("p");
    line.textContent = `${roleNames[element.dataset.speaker] ?? ""}: ${text}`;
    this.announcer.append(line);
    while (this.announcer.children.length > ANNOUNCED) this.announcer.firstElementChild.remove();
  }

  #tellUnseen(added) {
    this.#unseen += added;
    const label = this.#unseen === 1 ? "1 new turn" : `${this.#unseen} new turns`;
    this.newest.querySelector("[data-label]").textContent = label;
    this.newest.hidden = false;
  }

  #onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    // Only a reader moves up; what grows below leaves the place where it is.
    if (scrollTop < this.#lastTop) this.#isFollowing = false;
    this.#lastTop = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX) {
      this.#isFollowing = true;
      this.#unseen = 0;
      this.newest.hidden = true;
    }
  }

  #scrollToEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}
