// Both voices: played, made visible, each with its own volume and mute.

import { Meter } from "./meter.js";

const MEASURE_MS = 100;
const FRAME_MS = 50; // 20 pictures a second are enough for the eye

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

class Voice {
  constructor(card) {
    this.card = card;
    this.side = card.dataset.side;
    this.name = card.dataset.name;
    this.meter = new Meter(card);
    this.track = null;
    this.slider = card.querySelector("[data-volume]");
    this.mute = card.querySelector("[data-mute]");
    this.slider.addEventListener("input", () => this.#setMuted(false));
    this.mute.addEventListener("click", () => this.toggleMute());
  }

  toggleMute() {
    this.#setMuted(this.mute.getAttribute("aria-pressed") !== "true");
  }

  applyVolume() {
    const isMuted = this.mute.getAttribute("aria-pressed") === "true";
    this.track?.setVolume(isMuted ? 0 : Number(this.slider.value) / 100);
  }

  #setMuted(isMuted) {
    this.mute.setAttribute("aria-pressed", String(isMuted));
    this.applyVolume();
  }
}

export class Sound {
  #context = null;
  #drawnAt = 0;
  #isResting = false;

  constructor({ cards, shelf, onChange }) {
    this.shelf = shelf;
    this.onChange = onChange;
    this.voices = new Map([...cards].map((card) => [card.dataset.side, new Voice(card)]));
    this.ticker = setInterval(() => this.#measure(), MEASURE_MS);
    requestAnimationFrame((now) => this.#draw(now));
  }

  /** Whether the page can hear: nothing in the browser holds the sound back. */
  get isRunning() {
    return this.#context === null || this.#context.state === "running";
  }

  get count() {
    return [...this.voices.values()].filter((voice) => voice.track !== null).length;
  }

  add(side, track, isMuted = false) {
    const voice = this.voices.get(side);
    this.remove(side, null);
    voice.track = track;
    const element = track.attach();
    element.dataset.side = side;
    this.shelf.append(element);
    voice.meter.listenTo(track.mediaStreamTrack, this.#getContext());
    voice.applyVolume();
    voice.meter.isMuted = isMuted;
    voice.card.dataset.audio = "subscribed";
    this.onChange();
  }

  /** `track` null: whatever this side has. A late goodbye of an older track changes nothing. */
  remove(side, track) {
    const voice = this.voices.get(side);
    if (voice.track === null || (track !== null && voice.track !== track)) return;
    for (const element of voice.track.detach()) element.remove();
    voice.track = null;
    voice.meter.stop();
    voice.meter.isMuted = false;
    voice.card.dataset.audio = "none";
    this.onChange();
  }

  setPublisherMuted(side, isMuted) {
    this.voices.get(side).meter.isMuted = isMuted;
  }

  async resume() {
    await this.#context?.resume();
    this.onChange();
  }

  /** There is nothing to hear any more: nothing is measured, moves or can be set. */
  rest() {
    this.#isResting = true;
    clearInterval(this.ticker);
    for (const { slider, mute } of this.voices.values()) slider.disabled = mute.disabled = true;
    const redraw = () => this.voices.forEach((voice) => voice.meter.rest());
    redraw();
    addEventListener("resize", redraw);
  }

  async close() {
    for (const side of this.voices.keys()) this.remove(side, null);
    await this.#context?.close();
    this.#context = null;
  }

  #getContext() {
    if (this.#context === null) {
      this.#context = new AudioContext({ latencyHint: "playback" });
      this.#context.addEventListener("statechange", () => this.onChange());
    }
    return this.#context;
  }

  #measure() {
    for (const voice of this.voices.values()) voice.meter.measure();
  }

  #draw(now) {
    if (this.#isResting) return;
    requestAnimationFrame((next) => this.#draw(next));
    const isStill = reducedMotion.matches;
    if (now - this.#drawnAt < (isStill ? 1000 : FRAME_MS)) return;
    this.#drawnAt = now;
    for (const voice of this.voices.values()) voice.meter.draw({ isStill });
  }
}
