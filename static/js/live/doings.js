// What the system did, as a quiet list that is opened when somebody wants to know.

import { clock } from "./panel.js";

export class Doings {
  #known = new Set();

  constructor({ box, list, count, blank }) {
    Object.assign(this, { list, count, blank });
    for (const line of list.children) this.#known.add(Number(line.dataset.seq));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !box.open) return;
      box.open = false;
      box.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => {
      if (!box.contains(event.target)) box.open = false;
    });
  }

  /** A page that comes back is told everything again. */
  take({ seq, after_s, text }) {
    if (this.#known.has(seq)) return;
    this.#known.add(seq);
    const line = this.blank.content.firstElementChild.cloneNode(true);
    line.dataset.seq = seq;
    line.firstElementChild.textContent = clock(after_s);
    line.lastElementChild.textContent = text;
    this.list.append(line);
    this.count.textContent = String(this.#known.size);
  }
}
