"""The function tools of each side: names, JSON arguments, and when to use them."""

from collections.abc import Mapping

from pydantic import JsonValue

from dispatchsim.domain.brief import ToolSpec
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import CallKind, DeclineReason, FreightCase, StopKind

END_CALL = "end_call"
INCIDENT_KINDS = tuple(kind.value for kind in CallKind if kind is not CallKind.BOOKING)
_STOP: Mapping[str, JsonValue] = {"type": "string", "enum": [kind.value for kind in StopKind]}
_USD: Mapping[str, JsonValue] = {"type": "number", "minimum": 0, "description": "US dollars, all in."}


def _text(description: str) -> Mapping[str, JsonValue]:
    return {"type": "string", "description": description}


def _tool(
    name: str, description: str, required: Mapping[str, Mapping[str, JsonValue]], optional: Mapping[str, JsonValue] = {}
) -> ToolSpec:
    return ToolSpec(
        name=name,
        description=description,
        parameters={
            "type": "object",
            "properties": {**{name: dict(schema) for name, schema in required.items()}, **optional},
            "required": list(required),
            "additionalProperties": False,
        },
    )


LOOK_UP_LOAD = _tool(
    "look_up_load",
    "Look the load up when you are asked something that your load sheet does not say.",
    {},
    {"reference": dict(_text("The load's number; left out: the load of this call."))},
)
OFFER_RATE = _tool(
    "offer_rate",
    "Put a rate on the table, each time before you say it aloud. What was not offered cannot be booked.",
    {"amount_usd": _USD},
)
BOOK_LOAD = _tool(
    "book_load", "Book the load once the driver has accepted the rate and it was read back.", {"rate_usd": _USD}
)
RESCHEDULE = _tool(
    "reschedule_appointment",
    "Move an appointment to a new time that the facility gives and the driver can make.",
    {"stop": _STOP, "window": _text("The new time in words, as in `this afternoon at 2`.")},
)
APPROVE_DETENTION = _tool(
    "approve_detention",
    "Approve detention pay once the hours are clear and both have said the amount.",
    {"hours": {"type": "number", "minimum": 0, "description": "Hours beyond the free time."}, "amount_usd": _USD},
)
OPEN_INCIDENT = _tool(
    "open_incident",
    "Open an incident once you know what happened, so that somebody takes care of it.",
    {
        "kind": {"type": "string", "enum": [*INCIDENT_KINDS]},
        "summary": _text("What happened, where, and what is needed, in one or two sentences."),
    },
)
CHECK_HOURS = _tool(
    "check_hours_of_service", "Check whether your hours allow the trip, before you say that you can make it.", {}
)
CHECK_ARRIVAL = _tool(
    "check_position_and_arrival",
    "Check where you are and when you can be at a stop, before you promise a time.",
    {"stop": _STOP},
    {"window": dict(_text("The new time that was offered, in words; left out: the appointment as it stands."))},
)
ACCEPT_LOAD = _tool(
    "accept_load", "Accept the load at the rate that is on the table, when you say yes.", {"rate_usd": _USD}
)
DECLINE_LOAD = _tool(
    "decline_load",
    "Decline the load for good, when you say no and will not change your mind.",
    {"reason": _text(f"One word of {', '.join(reason.value for reason in DeclineReason)}; more words may follow.")},
)
REPORT_STATUS = _tool(
    "report_status",
    "Put on record what has happened to you and the truck, once you have told it.",
    {
        "status": _text("In a word or two, as in `late`, `waiting`, `broken down`, `on the way`."),
        "detail": _text("What happened, in one sentence."),
    },
)
SEND_PAPERS = _tool(
    "send_papers",
    "Send a paper when it is asked for.",
    {"kind": _text("Which one, as in `bill of lading`, `lumper receipt`, `photo`.")},
)

_BOOKING = {
    Role.DISPATCHER: (LOOK_UP_LOAD, OFFER_RATE, BOOK_LOAD),
    Role.DRIVER: (CHECK_HOURS, CHECK_ARRIVAL, ACCEPT_LOAD, DECLINE_LOAD),
}
_REPORT = {
    Role.DISPATCHER: (LOOK_UP_LOAD, RESCHEDULE, APPROVE_DETENTION, OPEN_INCIDENT),
    Role.DRIVER: (CHECK_HOURS, CHECK_ARRIVAL, REPORT_STATUS, SEND_PAPERS),
}


def tools_for(case: FreightCase, role: Role) -> tuple[ToolSpec, ...]:
    """Give the tools that one side has in this call; `end_call` is the agent's own."""
    return (_BOOKING if case.is_booking else _REPORT)[role]
