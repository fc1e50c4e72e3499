"""Judge a finished call once its rows are complete, and again when something of it arrives late."""

import structlog
from django.db import Error as DatabaseError
from django.db import transaction

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.freight.record import CallRecord, SaidTurn, UsedTool
from dispatchsim.domain.freight.sheet import build_facts
from dispatchsim.domain.freight.verdict import Verdict, build_unjudged, build_verdict
from dispatchsim.domain.frozen import FrozenScenario
from dispatchsim.models import Conversation, ToolUse, Turn
from dispatchsim.services.event_log import status_of
from dispatchsim.services.freight_tools import read_state

UNREADABLE = "What was at stake, or what became of it, is kept in a form that this version cannot read."

log = structlog.get_logger(__name__)


def judge(conversation: Conversation) -> None:
    """Write the verdict of a finished call; a call with nothing at stake, or not valid, gets none.

    What cannot be judged is told as not evaluable: it must not keep the call from ending.
    """
    if not status_of(conversation).is_final:
        return
    verdict = _build(conversation)
    with transaction.atomic():
        conversation.verdict = verdict.model_dump(mode="json") if verdict else None
        conversation.save(update_fields=["verdict"])


def find_verdict(conversation: Conversation) -> Verdict | None:
    """Read the verdict of a call; None where there is none, or not yet."""
    return Verdict.model_validate(conversation.verdict) if conversation.verdict else None


def _build(conversation: Conversation) -> Verdict | None:
    try:
        record = build_record(conversation)
        return build_verdict(record) if record else None
    except DatabaseError:
        raise  # the transaction around it is broken: all of it is done again
    except Exception as error:
        # A copy frozen by another version, or a flaw in a check. The error's own words may hold what was said.
        log.error("call could not be judged", conversation_id=str(conversation.pk), error=type(error).__name__)
        has_failed = EndReason(conversation.end_reason).is_failure
        return None if has_failed else build_unjudged(UNREADABLE)


def build_record(conversation: Conversation) -> CallRecord | None:
    """Gather what a verdict looks at; None for a call with nothing at stake."""
    if not conversation.scenario_copy.get("freight"):
        return None
    scenario = FrozenScenario.model_validate(conversation.scenario_copy)
    if scenario.freight is None:
        return None
    turns = Turn.objects.filter(conversation=conversation).order_by("seq")
    uses = ToolUse.objects.filter(conversation=conversation).order_by("pk")
    return CallRecord(
        case=scenario.freight,
        facts=build_facts(scenario.freight, load_sheet=scenario.load_sheet),
        state=read_state(conversation),
        turns=tuple(
            SaidTurn(
                turn.seq,
                Role(turn.speaker),
                turn.text,
                turn.end_s if turn.end_s is not None else turn.start_s,
                is_cut_off=turn.interrupted,
            )
            for turn in turns
        ),
        uses=tuple(UsedTool(u.call_id, Role(u.role), u.name, u.arguments, u.result, u.at_s) for u in uses),
        end_reason=EndReason(conversation.end_reason) if conversation.end_reason else None,
    )
