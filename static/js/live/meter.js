// One voice made visible, from the sound that really arrives: a level, its last seconds, and an equaliser.

const FLOOR_DB = -50; // quieter than this is shown as silence
const LEVEL_WINDOW = 4096; // samples: 85 ms at 48 kHz, so that ten looks a second miss nothing
const SPECTRUM_WINDOW = 1024;
const BARS = 14;
const LOWEST_HZ = 90;
const HIGHEST_HZ = 7000;
const LANE_STEP_PX = 4;
const SPEAKING_LEVEL = 0.12;
const HANGOVER_MS = 300; // a pause inside a word is no silence

/** Loudness of samples as 0 (silent) to 1 (full scale), linear in decibels. */
export function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / samples.length);
  if (rms === 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(rms) - FLOOR_DB) / -FLOOR_DB));
}

function fitToScreen(canvas) {
  const scale = devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return scale;
}

export class Meter {
  #source = null;
  #level = null;
  #spectrum = null;
  #samples = new Float32Array(LEVEL_WINDOW);
  #bins = new Uint8Array(SPECTRUM_WINDOW / 2);
  #history = [];
  #lastLoudAt = -Infinity;
  #isBlank = false;
  isMuted = false;
  value = 0;

  constructor(card) {
    this.card = card;
    this.meter = card.querySelector("[data-meter]");
    this.lane = card.querySelector("[data-lane]");
    this.bars = card.querySelector("[data-bars]");
  }

  /** Whether this voice is being heard now. */
  get isSpeaking() {
    return performance.now() - this.#lastLoudAt < HANGOVER_MS;
  }

  /** Whether the level says anything: there is a track, and the browser lets its sound through. */
  get isMeasuring() {
    return this.#source?.context.state === "running";
  }

  listenTo(mediaTrack, context) {
    this.stop();
    this.#source = context.createMediaStreamSource(new MediaStream([mediaTrack]));
    this.#level = new AnalyserNode(context, { fftSize: LEVEL_WINDOW });
    this.#spectrum = new AnalyserNode(context, { fftSize: SPECTRUM_WINDOW, smoothingTimeConstant: 0.6 });
    this.#source.connect(this.#level);
    this.#source.connect(this.#spectrum);
    mediaTrack.addEventListener("ended", () => this.stop(), { once: true });
  }

  stop() {
    this.#source?.disconnect();
    this.#source = this.#level = this.#spectrum = null;
  }

  /** The call is over: the last seconds stand still, and nothing sounds any more. */
  rest() {
    this.stop();
    this.value = 0;
    this.meter.value = 0;
    this.card.dataset.level = "0.000";
    this.draw({ isStill: true });
  }

  /** Look at the level; called ten times a second. */
  measure() {
    let level = 0;
    if (this.#level && !this.isMuted) {
      this.#level.getFloatTimeDomainData(this.#samples);
      level = levelOf(this.#samples);
    }
    if (level > SPEAKING_LEVEL) this.#lastLoudAt = performance.now();
    this.#history.push(level);
    if (this.#history.length > 400) this.#history.splice(0, 200);
    if (Math.abs(level - this.value) > 0.004 || (level === 0 && this.value !== 0)) {
      this.value = level;
      this.meter.value = level;
      this.card.dataset.level = level.toFixed(3);
    }
  }

  draw({ isStill }) {
    const hasNews = this.#source !== null || this.#history.some((level) => level > 0);
    if (!hasNews && this.#isBlank) return;
    this.#isBlank = !hasNews;
    const colour = getComputedStyle(this.bars).color;
    this.#drawLane(colour);
    this.#drawBars(colour, isStill);
  }

  #drawLane(colour) {
    const scale = fitToScreen(this.lane);
    const { width, height } = this.lane;
    if (width === 0) return;
    const pen = this.lane.getContext("2d");
    const step = LANE_STEP_PX * scale;
    const shown = Math.ceil(width / step);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = colour;
    const levels = this.#history.slice(-shown);
    levels.forEach((level, index) => {
      const x = width - (levels.length - index) * step;
      const tall = Math.max(2 * scale, level * height);
      pen.globalAlpha = level > 0 ? 0.9 : 0.3;
      pen.fillRect(x, (height - tall) / 2, 2 * scale, tall);
    });
  }

  #drawBars(colour, isStill) {
    const scale = fitToScreen(this.bars);
    const { width, height } = this.bars;
    if (width === 0) return;
    const pen = this.bars.getContext("2d");
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = colour;
    const isHeard = this.#spectrum && !this.isMuted && !isStill;
    if (isHeard) this.#spectrum.getByteFrequencyData(this.#bins);
    const gap = 2 * scale;
    const wide = (width - gap * (BARS - 1)) / BARS;
    for (let bar = 0; bar < BARS; bar += 1) {
      const strength = isHeard ? this.#strength(bar) : 0;
      const tall = Math.max(2 * scale, strength * height);
      pen.globalAlpha = strength > 0 ? 1 : 0.3;
      pen.fillRect(bar * (wide + gap), height - tall, wide, tall);
    }
  }

  #strength(bar) {
    const bin_hz = this.#spectrum.context.sampleRate / SPECTRUM_WINDOW;
    const edge = (index) => LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (index / BARS);
    const first = Math.floor(edge(bar) / bin_hz);
    const last = Math.max(first + 1, Math.ceil(edge(bar + 1) / bin_hz));
    let strongest = 0;
    for (let bin = first; bin < last; bin += 1) strongest = Math.max(strongest, this.#bins[bin]);
    return strongest / 255;
  }
}
