// The live page: a seat in the room for the ears, a socket for the eyes.
//
//   socket open ─► status ─► room joined ─► both tracks ─► "subscribed" (the floor opens) ─► turns … ─► final ─► leave

import { Captions } from "./captions.js";
import { Doings } from "./doings.js";
import { isFinal, Panel } from "./panel.js";
import { RoomListener } from "./room.js";
import { LiveSocket } from "./socket.js";
import { Sound } from "./sound.js";
import { Transcript } from "./transcript.js";

const HERE_MS = 20_000;
const TICK_MS = 100;
const HOLE_MS = 3000; // a missing turn is asked for after this long
const LAST_WORDS_MS = 5000; // late changes of the last turns still come in

const refusalWords = {
  4401: "You are no longer signed in. Sign in again to follow the call.",
  4403: "You may no longer follow calls. Ask whoever runs this Dispatchsim.",
  4404: "This call has been deleted.",
};

const root = document.getElementById("conversation");
const state = document.documentElement.dataset; // read by tests and by the style sheets
const find = (name) => root.querySelector(`[data-${name}]`);

const sound = new Sound({ cards: root.querySelectorAll("[data-side]"), shelf: find("sound"), onChange: onSound });
const panel = new Panel(root, sound.voices);
const captions = new Captions({
  box: find("captions"),
  who: find("captions-who"),
  words: find("captions-words"),
  button: find("captions-switch"),
  names: new Map([...sound.voices.values()].map((voice) => [voice.side, voice.name])),
});
const doings = new Doings({
  box: find("doings"),
  list: find("doings-list"),
  count: find("doings-count"),
  blank: document.getElementById("blank-doing"),
});
const transcript = new Transcript({
  scroller: find("scroller"),
  list: find("turns"),
  blank: document.getElementById("blank-turn"),
  newest: find("newest"),
  announcer: find("announcer"),
  onFirst: () => panel.hideSteps(),
  onSaid: (side, text) => captions.show(side, text),
});
const room = new RoomListener({
  askToken,
  onState: onRoom,
  onTrack: (side, track, isMuted) => sound.add(side, track, isMuted),
  onTrackGone: (side, track) => sound.remove(side, track),
  onMuted: (side, isMuted) => sound.setPublisherMuted(side, isMuted),
  onAgentState: (side, agentState) => panel.takeAgentState(side, agentState),
  onSound,
});
const socket = new LiveSocket({
  path: root.dataset.socketPath,
  after: () => transcript.after,
  onMessage,
  onState: onSocket,
});

let hasEnded = false;
let hasJoined = false;
let hasToldSubscribed = false;
let hasTurns = transcript.count > 0;
let holeTimer = 0;
let refusal = "";

const onMessageOf = {
  turn({ seq, html }) {
    transcript.takeTurn(seq, html);
    hasTurns = true;
    watchForHole();
  },
  words({ seq, speaker, text }) {
    transcript.takeWords(seq, speaker, text);
    hasTurns = true;
  },
  use: ({ seq, html }) => transcript.takeUse(seq, html),
  status(message) {
    if (isFinal(message.status)) transcript.flush(); // the last words stand before the end is told
    if (message.status === "ending") room.expectEnd();
    panel.takeStatus(message);
    if (isFinal(message.status)) onEnded();
    else if (hasRoom(message)) room.join();
  },
  verdict: ({ html }) => panel.takeVerdict(html),
  system: (message) => doings.take(message),
  seen: ({ agents }) => panel.takeSeen(agents),
};

function onMessage(message) {
  onMessageOf[message.type]?.(message);
}

function hasRoom({ status, steps }) {
  const made = steps.find((step) => step.name === "room");
  return made ? made.done : status !== "queued";
}

function watchForHole() {
  clearTimeout(holeTimer);
  holeTimer = setTimeout(() => {
    if (transcript.hasHole && !hasEnded) socket.reopen();
  }, HOLE_MS);
}

async function askToken() {
  if (panel.status === "ending" || isFinal(panel.status)) return null; // the room closes: nothing to come back to
  const form = find("token");
  const response = await fetch(form.action, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
  });
  return response.status === 200 ? response.json() : null; // 204: the call is over
}

function onSocket(now, code) {
  state.socket = now;
  refusal = refusalWords[code] ?? "";
  hasToldSubscribed = false;
  tellSubscribed();
  showConnection();
  if (now === "refused" && !hasEnded) stopFollowing();
}

function onRoom(now) {
  state.room = now;
  hasJoined ||= now === "connected";
  showConnection();
}

function setLost(isLost) {
  state.line = isLost ? "lost" : "open";
  panel.setLost(isLost);
}

function showConnection() {
  // While sound still comes in, who speaks is known without the socket; one that connects again is not heard yet.
  if (state.socket === "open" || hasEnded || (state.room === "connected" && navigator.onLine)) setLost(false);
  else if (["lost", "refused"].includes(state.socket)) setLost(true);
  if (hasEnded) panel.notice("");
  else if (state.socket === "refused") panel.notice(refusal);
  else if (state.socket === "lost") panel.notice("Connection lost. Trying again…");
  else if (hasJoined && state.room !== "connected" && panel.status !== "ending") panel.notice("Sound lost. Reconnecting…");
  else if (state.socket === "open") panel.notice("");
}

function onSound() {
  const hasAny = sound.count > 0;
  const isBlocked = hasAny && !(room.canPlay && sound.isRunning);
  state.sound = isBlocked ? "blocked" : hasAny ? "playing" : "waiting";
  state.tracks = String(sound.count);
  find("hear").hidden = !isBlocked || hasEnded;
  tellSubscribed();
}

function tellSubscribed() {
  // Said once for each connection: the server that heard it before may be gone.
  if (hasToldSubscribed || state.socket !== "open" || sound.count < sound.voices.size) return;
  hasToldSubscribed = socket.send({ type: "subscribed" });
}

function onEnded() {
  if (hasEnded) return;
  hasEnded = true;
  panel.notice("");
  stopListening();
  setTimeout(() => socket.close(), LAST_WORDS_MS);
  if (!hasTurns) find("finished").click(); // nothing was said: the reason is all there is to read
}

function stopListening() {
  find("hear").hidden = true;
  sound.rest();
  room.leave().then(() => sound.close());
}

/** What a person may no longer read, they may no longer hear either; nothing is told any more, so nothing moves. */
function stopFollowing() {
  stopListening();
  tick();
  clearInterval(ticker);
}

function tick() {
  panel.isInformed = socket.isHeard;
  panel.tick();
}

find("hear").addEventListener("click", async () => {
  await Promise.allSettled([sound.resume(), room.startSound()]);
  onSound();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input[type=search], dialog *")) return;
  if (event.key === "1") sound.voices.get("dispatcher").toggleMute();
  if (event.key === "2") sound.voices.get("driver").toggleMute();
  if (event.key === "b") transcript.showNewest();
  if (event.key === "c" && !hasEnded) captions.toggle();
});

setInterval(() => socket.send({ type: "here" }), HERE_MS);
const ticker = setInterval(tick, TICK_MS);
addEventListener("pagehide", () => room.leave());
socket.open();
