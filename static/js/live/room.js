// The browser's own place in the LiveKit room: hidden, listening only.

import { DisconnectReason, LogLevel, Room, RoomEvent, setLogLevel, Track } from "../../vendor/livekit-client/livekit-client.esm.mjs";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
const STATE_ATTRIBUTE = "lk.agent.state"; // livekit-agents tells here what an agent is doing

setLogLevel(LogLevel.error); // what mends itself is no news in the console; the page tells of lost sound itself

export const sides = { Dispatcher: "dispatcher", Driver: "driver" };

const pause = (wait_ms) => new Promise((resolve) => setTimeout(resolve, wait_ms));

export class RoomListener {
  #room = null;
  #hasLeft = false;
  #isJoining = false;

  /** `askToken` gives {livekit_url, token}, fresh at each call, or null when the call is over. */
  constructor({ askToken, onState, onTrack, onTrackGone, onMuted, onAgentState, onSound }) {
    Object.assign(this, { askToken, onState, onTrack, onTrackGone, onMuted, onAgentState, onSound });
  }

  get canPlay() {
    return this.#room?.canPlaybackAudio ?? false;
  }

  /** Join, and keep trying until it works or the call is over; once in, more calls change nothing. */
  async join() {
    if (this.#isJoining || this.#hasLeft || this.#room !== null) return;
    this.#isJoining = true;
    let wait_ms = FIRST_WAIT_MS;
    while (!this.#hasLeft && !(await this.#tryToJoin())) {
      await pause(wait_ms);
      wait_ms = Math.min(LONGEST_WAIT_MS, wait_ms * 2);
    }
    this.#isJoining = false;
  }

  /** Must be called from a press: browsers allow sound only then. */
  async startSound() {
    await this.#room?.startAudio();
  }

  /** From here on a closing room is no fault: the library tells each data channel that closes as an error. */
  expectEnd() {
    setLogLevel(LogLevel.silent);
  }

  async leave() {
    this.expectEnd();
    this.#hasLeft = true;
    const room = this.#room;
    this.#room = null;
    this.onState("left");
    await room?.disconnect();
  }

  async #tryToJoin() {
    this.onState("connecting");
    const room = new Room({ adaptiveStream: false, dynacast: false });
    try {
      const access = await this.askToken();
      if (!access || this.#hasLeft) return this.#hasLeft;
      this.#watch(room);
      this.#room = room;
      await room.connect(access.livekit_url, access.token, { autoSubscribe: true });
      if (this.#hasLeft) await room.disconnect();
      return true;
    } catch {
      // The room is not made yet, or LiveKit is away: the reason shows in the call's status.
      if (this.#room === room) this.#room = null;
      return false;
    }
  }

  #watch(room) {
    room
      .on(RoomEvent.Connected, () => this.#onConnected(room))
      .on(RoomEvent.Reconnecting, () => this.onState("reconnecting"))
      .on(RoomEvent.Reconnected, () => this.onState("connected"))
      .on(RoomEvent.Disconnected, (reason) => this.#onDisconnected(room, reason))
      .on(RoomEvent.TrackSubscribed, (track, publication, participant) => this.#onTrack(track, publication, participant))
      .on(RoomEvent.TrackUnsubscribed, (track, _publication, participant) => this.#onTrackGone(track, participant))
      .on(RoomEvent.TrackMuted, (_publication, participant) => this.#onMuted(participant, true))
      .on(RoomEvent.TrackUnmuted, (_publication, participant) => this.#onMuted(participant, false))
      .on(RoomEvent.ParticipantConnected, (participant) => this.#onAttributes(participant))
      .on(RoomEvent.ParticipantAttributesChanged, (_changed, participant) => this.#onAttributes(participant))
      .on(RoomEvent.ParticipantDisconnected, (participant) => this.#tellState(participant, null))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => this.onSound());
  }

  #onConnected(room) {
    this.onState("connected");
    for (const participant of room.remoteParticipants.values()) this.#onAttributes(participant);
  }

  #onDisconnected(room, reason) {
    if (room !== this.#room) return;
    this.#room = null;
    for (const side of Object.values(sides)) this.onTrackGone(side, null);
    if (this.#hasLeft) return;
    this.onState("lost");
    // A deleted room is the end of the call; its status says so in a moment.
    pause(reason === DisconnectReason.ROOM_DELETED ? LONGEST_WAIT_MS : FIRST_WAIT_MS).then(() => this.join());
  }

  #onTrack(track, publication, participant) {
    const side = sides[participant.identity];
    if (side && track.kind === Track.Kind.Audio) this.onTrack(side, track, publication.isMuted);
  }

  #onTrackGone(track, participant) {
    const side = sides[participant.identity];
    if (side && track.kind === Track.Kind.Audio) this.onTrackGone(side, track);
  }

  #onMuted(participant, isMuted) {
    const side = sides[participant.identity];
    if (side) this.onMuted(side, isMuted);
  }

  #onAttributes(participant) {
    this.#tellState(participant, participant.attributes[STATE_ATTRIBUTE] ?? null);
  }

  #tellState(participant, state) {
    const side = sides[participant.identity];
    if (side) this.onAgentState(side, state);
  }
}
