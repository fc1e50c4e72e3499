"""Judge a finished call once its rows are complete, and again when something of it arrives late."""

from django.db import transaction

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.freight.record import CallRecord, SaidTurn, UsedTool
from dispatchsim.domain.freight.sheet import build_facts
from dispatchsim.domain.freight.verdict import Verdict, build_verdict
from dispatchsim.domain.frozen import FrozenScenario
from dispatchsim.models import Conversation, ToolUse, Turn
from dispatchsim.services.event_log import status_of
from dispatchsim.services.freight_tools import read_state


def judge(conversation: Conversation) -> None:
    """Write the verdict of a finished call; a call with nothing at stake, or not valid, gets none."""
    if not status_of(conversation).is_final:
        return
    record = build_record(conversation)
    verdict = build_verdict(record) if record else None
    with transaction.atomic():
        conversation.verdict = verdict.model_dump(mode="json") if verdict else None
        conversation.save(update_fields=["verdict"])


def find_verdict(conversation: Conversation) -> Verdict | None:
    """Read the verdict of a call; None where there is none, or not yet."""
    return Verdict.model_validate(conversation.verdict) if conversation.verdict else None


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
            SaidTurn(turn.seq, Role(turn.speaker), turn.text, turn.end_s if turn.end_s is not None else turn.start_s)
            for turn in turns
        ),
        uses=tuple(UsedTool(u.call_id, Role(u.role), u.name, u.arguments, u.result, u.at_s) for u in uses),
        end_reason=EndReason(conversation.end_reason) if conversation.end_reason else None,
    )
