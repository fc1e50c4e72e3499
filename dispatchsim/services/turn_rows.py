"""Turn rows, kept in step with the folded transcript."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentEvent, PeerTranscribed, TurnFinished, TurnStarted, TurnWords
from dispatchsim.domain.turns import FoldedTurn, Heard, build_heard, close_open_turns, fold_events, match_heard
from dispatchsim.models import Conversation, Event, Turn
from dispatchsim.services import live_feed
from dispatchsim.services.event_log import status_of

_FIELDS = ("seq", "item_id", "text", "heard_as", "end_s", "interrupted", "response_latency_s", "is_final")
_OUT_OF_THE_WAY = 1_000_000  # seq is unique at every step, also while turns move up


def fold_into_turns(conversation: Conversation, *, role: Role, events: Sequence[AgentEvent], now: datetime) -> None:
    """Fold one agent's stored events into the turn rows of a locked conversation."""
    about_turns = [event for event in events if isinstance(event, TurnStarted | TurnWords | TurnFinished)]
    about_hearing = [event for event in events if isinstance(event, PeerTranscribed)]
    if not about_turns and not about_hearing:
        return
    zero_at = (conversation.floor_opened_at or now).timestamp()
    rows = _read_rows(conversation)
    before = [_build_folded(row) for row in rows]
    after = fold_events(before, role=role, events=about_turns, zero_at=zero_at)
    if about_hearing or any(not isinstance(event, TurnWords) for event in about_turns):
        after = match_heard(after, _read_heard(conversation, zero_at=zero_at))
    if status_of(conversation).is_final:
        after = close_open_turns(after, end_s=now.timestamp() - zero_at)
    if len(after) > len(before) and all(isinstance(event, TurnWords) for event in about_turns):
        # Words are not logged; a turn that begins with them is a change like any other.
        conversation.last_event_seq += 1
    _save(conversation, rows, after)
    if about_turns:
        conversation.last_turn_at = now


def close_turns(conversation: Conversation, *, now: datetime) -> None:
    """Close what was still being said when the call ended, and tell the pages."""
    zero = conversation.floor_opened_at
    rows = _read_rows(conversation)
    if zero is None or all(row.is_final for row in rows):
        return
    # Whoever vanished was last heard before anybody noticed.
    end_s = ((conversation.last_turn_at or now) - zero).total_seconds()
    _save(conversation, rows, close_open_turns([_build_folded(row) for row in rows], end_s=end_s))


def _read_rows(conversation: Conversation) -> list[Turn]:
    return list(Turn.objects.filter(conversation=conversation).order_by("seq"))


def _read_heard(conversation: Conversation, *, zero_at: float) -> list[Heard]:
    reported = Event.objects.filter(conversation=conversation, type="peer.transcribed").order_by("seq")
    heard = (
        build_heard(Role(role), PeerTranscribed.model_validate(payload), zero_at=zero_at)
        for role, payload in reported.values_list("role", "payload")
    )
    return [one for one in heard if one is not None]


def _save(conversation: Conversation, rows: Sequence[Turn], after: Sequence[FoldedTurn]) -> None:
    known = {(row.speaker, row.turn_id): row for row in rows}
    new, changed, moved = list[Turn](), list[Turn](), list[Turn]()
    for turn in after:
        row = known.get((turn.speaker.value, turn.turn_id))
        if row is None:
            new.append(_build_row(conversation, turn))
        elif _build_folded(row) != turn:
            moved += [row] if row.seq != turn.seq else []
            changed += [row] if _apply(conversation, row, turn) else []
    if moved:
        Turn.objects.filter(pk__in=[row.pk for row in moved]).update(seq=F("seq") + _OUT_OF_THE_WAY)
    if new or any(row.changed_seq == conversation.last_event_seq for row in changed):
        live_feed.announce_news(conversation.pk)
    if changed:
        Turn.objects.bulk_update(changed, [*_FIELDS, "changed_seq"])
    if new:
        Turn.objects.bulk_create(new)
    conversation.last_turn_seq = len(after)


def _apply(conversation: Conversation, row: Turn, turn: FoldedTurn) -> bool:
    """Copy the folded turn to its row; more words of an unfinished turn are told by themselves."""
    differing = [name for name in _FIELDS if getattr(row, name) != getattr(turn, name)]
    for name in differing:
        setattr(row, name, getattr(turn, name))
    if differing == ["text"] and not turn.is_final:
        live_feed.announce_words(conversation.pk, seq=turn.seq, speaker=turn.speaker, text=turn.text)
    else:
        row.changed_seq = conversation.last_event_seq
    return bool(differing)


def _build_row(conversation: Conversation, turn: FoldedTurn) -> Turn:
    values = {name: getattr(turn, name) for name in _FIELDS}
    return Turn(
        conversation=conversation,
        speaker=turn.speaker.value,
        turn_id=turn.turn_id,
        start_s=turn.start_s,
        changed_seq=conversation.last_event_seq,
        **values,
    )


def _build_folded(row: Turn) -> FoldedTurn:
    return FoldedTurn(
        speaker=Role(row.speaker),
        turn_id=row.turn_id,
        start_s=row.start_s,
        **{name: getattr(row, name) for name in _FIELDS},
    )
