"""When a call must be ended although nobody asked for it: pure rules over what is known at one moment.

floor opens ──25 s without a turn──► nobody_spoke
last speech ──20 s of silence, both agents still reporting──► dead_air
an agent silent for 10 s and out of the room, or for 25 s in which others were heard ──► agent_vanished

A call that cannot go on has failed within 30 s, its end included: a look comes within 1 s, and a failure cuts the call,
which leaves the agents 2 s.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatchsim.domain.conversation import EndReason, Role

SETUP_LIMIT = timedelta(seconds=26)  # launch to both ready; with the end, less than the 30 s after which people give up
FIRST_WORD_LIMIT = timedelta(seconds=25)
SILENCE_LIMIT = timedelta(seconds=20)
QUIET_AFTER = timedelta(seconds=10)  # five missed heartbeats: time to see whether the agent is in the room
LOST_AFTER = timedelta(seconds=25)  # LiveKit lists a killed agent for about 22 s
PAUSE = timedelta(seconds=10)  # two heartbeats of an agent server: with no report at all, the web side may be away
LEFT_GRACE = timedelta(seconds=2)  # the peer's own goodbye may be on its way
REPORTING = timedelta(seconds=6)  # an agent heard of within this is well; three heartbeats


@dataclass(frozen=True)
class SeatState:
    """What is known of one agent; `is_in_room` is None when LiveKit was not asked, or did not answer."""

    role: Role
    joined_at: datetime | None
    ready_at: datetime | None
    left_at: datetime | None
    last_seen_at: datetime | None
    is_in_room: bool | None = None


@dataclass(frozen=True)
class Ending:
    """A reason to end a call, with a detail for people."""

    reason: EndReason
    detail: str = ""


def find_setup_failure(
    seats: tuple[SeatState, ...], *, launching_at: datetime, has_room: bool, now: datetime
) -> Ending | None:
    """Tell whether a call that is not live yet will not become so."""
    gone = next((seat for seat in seats if seat.left_at is not None and now - seat.left_at >= LEFT_GRACE), None)
    if gone is not None:
        return Ending(EndReason.AGENT_VANISHED, f"{gone.role.identity} left before the call began.")
    if now - launching_at < SETUP_LIMIT:
        return None
    if not has_room:
        return Ending(EndReason.LIVEKIT_UNAVAILABLE, "The room could not be made.")
    missing = [seat.role.identity for seat in seats if seat.joined_at is None]
    if missing:
        return Ending(EndReason.AGENT_NEVER_JOINED, f"Missing: {', '.join(missing)}.")
    mute = [seat.role.identity for seat in seats if seat.ready_at is None]
    return Ending(EndReason.AGENT_FAILED, f"Joined, but not ready to speak: {', '.join(mute)}.") if mute else None


def find_vanished(
    seats: tuple[SeatState, ...], *, heard_since: datetime | None, asked_livekit: bool, now: datetime
) -> Ending | None:
    """Tell whether an agent of a live call is gone without having said so to the end.

    `heard_since`: since when reports of anybody have come in without a pause; None while none come.
    """
    for seat in seats:
        if seat.left_at is not None and now - seat.left_at >= LEFT_GRACE:
            return Ending(EndReason.AGENT_VANISHED, f"{seat.role.identity} left without hanging up.")
        if seat.left_at is None and _is_lost(seat, heard_since=heard_since, asked_livekit=asked_livekit, now=now):
            quiet_s = int(quiet_for(seat, now=now).total_seconds())
            return Ending(EndReason.AGENT_VANISHED, f"{seat.role.identity} was last heard of {quiet_s} s before.")
    return None


def follow_reports(heard_since: datetime | None, *, last_report_at: datetime | None, now: datetime) -> datetime | None:
    """Tell since when reports come in without a pause, by what was told before and by the latest report."""
    if last_report_at is None or now - last_report_at > PAUSE:
        return None
    return heard_since or now


def find_silence(
    seats: tuple[SeatState, ...], *, floor_opened_at: datetime, last_turn_at: datetime | None, now: datetime
) -> Ending | None:
    """Tell whether nobody speaks any more, or ever did; not while reports are missing."""
    if any(quiet_for(seat, now=now) > REPORTING for seat in seats):
        return None
    if last_turn_at is None:
        return Ending(EndReason.NOBODY_SPOKE) if now - floor_opened_at >= FIRST_WORD_LIMIT else None
    return Ending(EndReason.DEAD_AIR) if now - last_turn_at >= SILENCE_LIMIT else None


def is_quiet(seat: SeatState, *, now: datetime) -> bool:
    """Tell whether an agent has not been heard of for so long that the room should be asked."""
    return seat.left_at is None and quiet_for(seat, now=now) >= QUIET_AFTER


def quiet_for(seat: SeatState, *, now: datetime) -> timedelta:
    """Measure since when an agent has not been heard of."""
    return timedelta.max if seat.last_seen_at is None else max(timedelta(0), now - seat.last_seen_at)


def _is_lost(seat: SeatState, *, heard_since: datetime | None, asked_livekit: bool, now: datetime) -> bool:
    quiet = quiet_for(seat, now=now)
    if seat.is_in_room is False:
        return quiet >= QUIET_AFTER
    if seat.is_in_room is None:
        return asked_livekit and quiet >= LOST_AFTER  # neither reports nor LiveKit know of it
    # In the room, but mute to us: its own fault only if others were heard all the while.
    return quiet >= LOST_AFTER and heard_since is not None and now - heard_since >= LOST_AFTER
