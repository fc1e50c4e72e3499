// The words being spoken, large: one voice at a time, the newest line always in sight.

const KEY = "dispatchsim-captions";

export class Captions {
  /** `names` maps a side to the name that people know it by. */
  constructor({ box, words, who, button, names }) {
    Object.assign(this, { box, words, who, button, names });
    this.root = document.documentElement;
    button.addEventListener("click", () => this.toggle());
    this.#tellButton();
  }

  get isOn() {
    return this.root.dataset.captions === "on";
  }

  toggle() {
    this.root.dataset.captions = this.isOn ? "off" : "on";
    try {
      localStorage.setItem(KEY, this.root.dataset.captions);
    } catch {
      // Storage can be forbidden; the choice then lasts for this page.
    }
    this.#tellButton();
  }

  show(side, text) {
    this.box.classList.toggle("voice--dispatcher", side === "dispatcher");
    this.box.classList.toggle("voice--driver", side === "driver");
    if (this.box.dataset.side !== side) {
      this.box.dataset.side = side;
      this.who.textContent = this.names.get(side) ?? "";
    }
    if (this.words.textContent !== text) this.words.textContent = text;
  }

  #tellButton() {
    this.button.setAttribute("aria-pressed", String(this.isOn));
  }
}
