"""Past calls: find them, label them, delete them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from dispatchsim.domain.conversation import ConversationStatus, EndReason, VoiceProvider
from dispatchsim.domain.errors import ConflictError, InvalidInputError
from dispatchsim.domain.freight.verdict import Result
from dispatchsim.domain.guards import Guard
from dispatchsim.models import Conversation, Label, Turn
from dispatchsim.services.event_log import lock_conversation
from dispatchsim.services.guarding import acted_on_call

FINAL = tuple(status.value for status in ConversationStatus if status.is_final)
INLINE = "-"  # stands for scenarios that were written on the spot; no slug looks like it
MAX_LABELS = 8
MAX_LABEL = 30  # characters, as the column has
AROUND = 40  # characters before the first word that was found
EXCERPT = 140  # characters of a turn that a list shows
MAX_WORDS = 8  # of a search; each one is another look through the transcripts

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CallFilter:
    """Which calls are wanted; what is empty does not matter."""

    words: str = ""  # each in the title, a label or the transcript
    statuses: Collection[ConversationStatus] = ()
    scenario: str = ""  # slug, or INLINE
    persona: str = ""  # slug of either side
    provider: VoiceProvider | None = None
    end_reason: EndReason | None = None
    guard: Guard | None = None  # one that acted, whether it ended the call or brought it on
    verdict: Result | None = None  # what all its checks came to; calls without a verdict have none of these
    label: str = ""
    since: date | None = None  # first and last day, in UTC
    until: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every call is wanted."""
        return self == CallFilter()


def find_calls(wanted: CallFilter | None = None) -> QuerySet[Conversation]:
    """Read the calls that match, newest first, each with its number of turns and its labels."""
    turns = Turn.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    calls = (
        Conversation.objects.annotate(turn_count=Coalesce(Subquery(turns.values(count=Count("pk"))), 0))
        .prefetch_related(Prefetch("labels", Label.objects.order_by("text")))
        .order_by("-created_at", "-pk")
    )
    return calls if wanted is None else calls.filter(_build_query(wanted))


@dataclass(frozen=True)
class Match:
    """Where a search was found in what was said, cut so that the found words stand in it."""

    seq: int
    speaker: str
    parts: tuple[tuple[str, bool], ...]  # texts, each with whether it is one of the words


def find_matches(calls: Iterable[Conversation], words: str) -> dict[UUID, Match]:
    """Find for each call the first turn that has the most of the words; calls found otherwise have none."""
    wanted = words.lower().split()[:MAX_WORDS]
    if not wanted:
        return {}
    mentioned = Q()
    for word in wanted:
        mentioned |= Q(text__icontains=word)
    best: dict[UUID, tuple[int, Turn]] = {}
    for turn in Turn.objects.filter(mentioned, conversation__in=[call.pk for call in calls]).order_by("seq"):
        score = sum(word in turn.text.lower() for word in wanted)
        if score > best.get(turn.conversation_id, (0, turn))[0]:
            best[turn.conversation_id] = (score, turn)
    return {call: Match(turn.seq, turn.speaker, cut_out(turn.text, wanted)) for call, (_, turn) in best.items()}


def cut_out(text: str, words: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    """Cut a text around the first of the words, and tell the words from what stands between them."""
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    first = pattern.search(text)
    word_at = first.start() if first else 0
    start = max(0, word_at - AROUND)
    start = text.find(" ", start, word_at) + 1 or start if start else 0
    end = start + EXCERPT
    shown = f"{'…' if start else ''}{text[start:end].rstrip()}{'…' if end < len(text) else ''}"
    pieces: list[tuple[str, bool]] = []
    at = 0
    for found in pattern.finditer(shown):
        pieces += [(shown[at : found.start()], False), (found[0], True)]
        at = found.end()
    return tuple(piece for piece in (*pieces, (shown[at:], False)) if piece[0])


def known_labels() -> list[str]:
    """List the labels in use, in order."""
    return list(Label.objects.order_by("text").values_list("text", flat=True).distinct())


def label_conversation(*, conversation: Conversation, labels: Iterable[str]) -> list[str]:
    """Give a call exactly these labels. Raises InvalidInputError for too many or too long ones."""
    wanted = _read_labels(labels)
    with transaction.atomic():
        Label.objects.filter(conversation=conversation).exclude(text__in=wanted).delete()
        rows = [Label(conversation=conversation, text=text) for text in wanted]
        Label.objects.bulk_create(rows, ignore_conflicts=True)
    return wanted


def delete_conversation(*, conversation_id: UUID) -> None:
    """Delete a call with all that was said in it. Raises ConflictError while it runs."""
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if conversation.status not in FINAL:
            raise ConflictError("This call is still on.", hint="End it first, then delete it.")
        conversation.delete()
    log.info("call deleted", conversation_id=str(conversation_id))


def _build_query(wanted: CallFilter) -> Q:
    query = Q()
    for word in wanted.words.split()[:MAX_WORDS]:
        query &= _mentions(word)
    if wanted.statuses:
        query &= Q(status__in=[status.value for status in wanted.statuses])
    if wanted.scenario:
        query &= Q(scenario_copy__slug="" if wanted.scenario == INLINE else wanted.scenario)
    if wanted.persona:
        query &= Q(dispatcher_copy__slug=wanted.persona) | Q(driver_copy__slug=wanted.persona)
    exactly = {
        "voice_provider": wanted.provider,
        "end_reason": wanted.end_reason,
        "verdict__joint": wanted.verdict,
        "labels__text": wanted.label,
    }
    query &= Q(**{column: value for column, value in exactly.items() if value})
    if wanted.guard:
        query &= Q(acted_on_call(wanted.guard))
    return query & _launched_between(wanted.since, wanted.until)


def _mentions(word: str) -> Q:
    said = Turn.objects.filter(conversation=OuterRef("pk"), text__icontains=word)
    labelled = Label.objects.filter(conversation=OuterRef("pk"), text__icontains=word)
    return Q(title__icontains=word) | Exists(said) | Exists(labelled)


def _launched_between(since: date | None, until: date | None) -> Q:
    query = Q()
    if since is not None:
        query &= Q(created_at__gte=_midnight(since))
    if until is not None and until < date.max:
        query &= Q(created_at__lt=_midnight(until + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _read_labels(labels: Iterable[str]) -> list[str]:
    texts = [" ".join(label.replace("\0", "").split()) for label in labels]
    wanted = list({text.lower(): text for text in texts if text}.values())
    long = next((text for text in wanted if len(text) > MAX_LABEL), None)
    if long is not None:
        raise InvalidInputError(
            f"“{long[:MAX_LABEL]}…” is longer than {MAX_LABEL} characters.",
            field="labels",
            hint="Labels are a word or two.",
        )
    if len(wanted) > MAX_LABELS:
        raise InvalidInputError(
            f"That is {len(wanted)} labels; a call takes {MAX_LABELS}.", field="labels", hint="Leave some out."
        )
    return wanted
