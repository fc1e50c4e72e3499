// What the page says about the call: states, steps, who has the floor, elapsed, notices.

const statusWords = {
  queued: ["Waiting", "waiting"],
  launching: ["Connecting", "waiting"],
  live: ["Live", "live"],
  ending: ["Hanging up", "live"],
  ended: ["Ended", "ended"],
  failed: ["Failed", "failed"],
};
const stateWords = {
  initializing: "Getting ready",
  idle: "Listening",
  listening: "Listening",
  thinking: "Thinking",
  speaking: "Speaking",
  gone: "Left",
  unknown: "Not known",
};

const LATE_S = 6; // an agent is heard of every 2 s

export const isFinal = (status) => status === "ended" || status === "failed";

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function clockWords(seconds) {
  return seconds < 60 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`;
}

function costWords({ cost_usd, is_unpriced }) {
  if (is_unpriced) return "unpriced";
  return cost_usd === null ? "–" : `$${cost_usd.toFixed(2)}`;
}

function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

export class Panel {
  #told = {}; // what the server says each agent does
  #seen = {}; // what LiveKit says, which is quicker
  #zero = null; // performance.now() at which the call's clock was zero
  #quietSince = null;
  #isLost = false;
  #heardAt = new Map(); // side -> performance.now() at which the agent was last heard of
  isInformed = false; // whether the server can be heard: without it, silence means nothing

  constructor(root, voices) {
    this.root = root;
    this.voices = voices;
    this.status = root.dataset.status;
    this.find = (name) => root.querySelector(`[data-${name}]`);
    this.steps = this.find("steps");
    this.title = root.querySelector("h1").textContent;
    for (const { side, card } of voices.values()) this.#told[side] = card.dataset.state;
    this.blankStep = document.getElementById("blank-step").content.firstElementChild;
    if (root.dataset.elapsed && Number(root.dataset.elapsed) > 0) this.#setElapsed(Number(root.dataset.elapsed));
  }

  takeStatus(message) {
    this.status = message.status;
    this.root.dataset.status = message.status;
    this.#showStatus();
    if (message.elapsed_s > 0) this.#setElapsed(message.elapsed_s);
    setText(this.find("turn-count"), String(message.turns));
    setText(this.find("cost"), costWords(message));
    for (const [side, agent] of Object.entries(message.agents)) {
      this.#told[side] = agent.state;
    }
    this.tick();
    this.#showSteps(message.steps ?? []);
    if (isFinal(message.status)) this.#showOver(message);
  }

  /** Whether nothing comes in: then nobody is said to speak, or to listen, nor the call to be on. */
  setLost(isLost) {
    if (this.#isLost === isLost) return;
    this.#isLost = isLost;
    this.#showStatus();
    this.tick();
  }

  #showStatus() {
    const [word, tone] = statusWords[this.status] ?? [this.status, "waiting"];
    const badge = this.find("status-badge");
    const isUnknown = this.#isLost && !isFinal(this.status);
    const told = isUnknown ? stateWords.unknown : word;
    setText(badge, told);
    document.title = `${this.title} · ${told.toLowerCase()} · Dispatchsim`; // read where the tab is not in sight
    badge.className = `badge badge--${isUnknown ? "waiting" : tone}`;
  }

  takeAgentState(side, state) {
    if (state === null) delete this.#seen[side];
    else this.#seen[side] = state;
  }

  /** What came of the call, as the server renders it; it may be mended once more by what arrives late. */
  takeVerdict(html) {
    this.find("verdict").innerHTML = html; // escaped by the server
  }

  /** Ages in seconds, null for an agent that was never heard of. */
  takeSeen(agents) {
    for (const [side, age_s] of Object.entries(agents)) {
      if (age_s === null) this.#heardAt.delete(side);
      else this.#heardAt.set(side, performance.now() - age_s * 1000);
    }
  }

  hideSteps() {
    this.steps.hidden = true;
  }

  notice(text) {
    setText(this.find("notice"), text);
  }

  /** Who has the floor, and for how long nobody has; called ten times a second. */
  tick() {
    if (this.#zero !== null && !isFinal(this.status)) {
      setText(this.find("elapsed"), clock((performance.now() - this.#zero) / 1000));
    }
    for (const voice of this.voices.values()) this.#showSeen(voice);
    const holders = this.#findHolders();
    for (const voice of this.voices.values()) this.#showState(voice, holders);
    const floor = this.find("floor");
    floor.dataset.holder = holders.length === 2 ? "both" : (holders[0]?.side ?? "none");
    setText(this.find("floor-who"), this.#floorWords(holders));
    // A pause inside a turn is no gap; but a gap counts from the last sound, where sound can be measured.
    if (holders.some(({ meter }) => meter.isSpeaking || !meter.isMeasuring)) this.#quietSince = performance.now();
    const isQuiet = holders.length === 0 && this.#quietSince !== null && this.status === "live" && !this.#isLost;
    setText(this.find("floor-gap"), isQuiet ? `${((performance.now() - this.#quietSince) / 1000).toFixed(1)} s` : "");
  }

  #showSeen({ side, card }) {
    const heardAt = this.#heardAt.get(side);
    const isTold = this.isInformed && heardAt !== undefined && !isFinal(this.status) && card.dataset.state !== "gone";
    const age_s = (performance.now() - heardAt) / 1000;
    const isLate = isTold && age_s > LATE_S;
    const line = card.querySelector("[data-seen]");
    line.dataset.late = String(isLate);
    setText(line, !isTold ? "" : isLate ? `no contact for ${clockWords(age_s)}` : "on the line");
  }

  /** Whoever is heard; while nobody is, whoever is in the middle of a turn. */
  #findHolders() {
    if (isFinal(this.status) || this.#isLost) return [];
    const voices = [...this.voices.values()];
    const heard = voices.filter(({ meter }) => meter.isMeasuring && meter.isSpeaking);
    return heard.length > 0 ? heard : voices.filter((voice) => this.#stateOf(voice) === "speaking");
  }

  #stateOf({ side }) {
    if (this.#isLost && !isFinal(this.status)) return "unknown";
    return this.#told[side] === "gone" ? "gone" : (this.#seen[side] ?? this.#told[side]);
  }

  #floorWords(holders) {
    if (isFinal(this.status)) return "The line is closed";
    if (this.#isLost) return "Connection lost";
    if (holders.length === 2) return "Both speak";
    if (holders.length === 1) return `${holders[0].name} has the floor`;
    return this.#quietSince === null ? "Nobody speaks yet" : "Silence";
  }

  #setElapsed(elapsed_s) {
    this.#zero = performance.now() - elapsed_s * 1000;
    setText(this.find("elapsed"), clock(elapsed_s));
  }

  /** The badge says what the floor says: who is heard speaks, whatever was told of it so far. */
  #showState(voice, holders) {
    const { card } = voice;
    const state = holders.includes(voice) ? "speaking" : this.#stateOf(voice);
    if (card.dataset.state === state) return;
    card.dataset.state = state;
    setText(card.querySelector("[data-state-badge]"), stateWords[state] ?? state);
  }

  #showSteps(steps) {
    for (const step of steps) {
      let line = this.steps.querySelector(`[data-step="${CSS.escape(step.name)}"]`);
      if (!line) {
        line = this.blankStep.cloneNode(true);
        line.dataset.step = step.name;
        this.steps.append(line);
      }
      line.dataset.done = String(step.done);
      line.dataset.failed = String(step.failed ?? false);
      setText(line.querySelector("[data-label]"), step.label);
      setText(line.querySelector("[data-hint]"), step.hint ?? "");
    }
  }

  #showOver({ sentence }) {
    setText(this.find("over-sentence"), sentence);
    this.find("over").hidden = false;
    this.find("finished").hidden = false;
    const end = this.find("end");
    if (end) end.hidden = true;
  }
}
