"""What a tool is called with, read leniently: models write `"1,450"` where a number was asked for."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from dispatchsim.domain.freight.case import MAX_USD, CallKind, DeclineReason, StopKind

OTHER_INCIDENT = "other"
_INCIDENTS = frozenset(kind.value for kind in CallKind if kind is not CallKind.BOOKING)
_DECLINE_NAMES = frozenset(DeclineReason) - {DeclineReason.OTHER}
_DECLINE_WORDS = {  # in this order: the first that is found counts
    DeclineReason.HAZMAT: ("hazardous", "endorsement", "endorsements", "placard", "placards"),
    DeclineReason.RATE: ("money", "pay", "pays", "paying", "cheap", "low", "dollars", "price"),
    DeclineReason.TRUST: ("trusted", "broker", "brokered", "brokers", "scam", "fraud", "suspicious"),
    DeclineReason.DEADHEAD: ("empty", "too far", "distance"),
    DeclineReason.HOURS: ("hour", "clock", "in time", "on time", "my rest", "late", "legal", "legally"),
    DeclineReason.EQUIPMENT: ("trailer", "reefer", "flatbed", "van", "truck"),
}


def _plain_number(value: object) -> object:
    return value.replace(",", "").replace("$", "").strip() if isinstance(value, str) else value


def _plain_word(value: object) -> object:
    return "_".join(value.lower().replace("-", " ").split()) if isinstance(value, str) else value


_Usd = Annotated[float, BeforeValidator(_plain_number), Field(ge=0, le=MAX_USD)]
_Hours = Annotated[float, BeforeValidator(_plain_number), Field(ge=0, le=24 * 14)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
_Stop = Annotated[StopKind, BeforeValidator(_plain_word)]


class Arguments(BaseModel):
    """Arguments of any tool; what was not asked for is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class LookUp(Arguments):
    """Which load."""

    reference: str = ""


class Offer(Arguments):
    """A rate on the table."""

    amount_usd: _Usd


class Rate(Arguments):
    """A rate to accept or to book."""

    rate_usd: _Usd


class NewTime(Arguments):
    """Another time at a stop."""

    stop: _Stop
    window: _Text


class DetentionPay(Arguments):
    """Hours beyond the free time, and what they are worth."""

    hours: _Hours
    amount_usd: _Usd


class IncidentReport(Arguments):
    """Something that somebody has to take care of."""

    kind: Annotated[str, BeforeValidator(_plain_word), StringConstraints(min_length=1, max_length=60)]
    summary: _Text

    @property
    def known_kind(self) -> str:
        """The kind's own name, or `other`."""
        return self.kind if self.kind in _INCIDENTS else OTHER_INCIDENT


class TimeAtStop(Arguments):
    """Which stop, and which time there if it is another than the appointment."""

    stop: _Stop
    window: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Decline(Arguments):
    """Why not."""

    reason: _Text

    @property
    def known_reason(self) -> DeclineReason:
        """The reason by its name, found in the words."""
        said = " ".join(re.findall(r"[a-z]+", self.reason.lower()))
        named = next((word for word in said.split() if word in _DECLINE_NAMES), None)
        if named is not None:
            return DeclineReason(named)
        found = (
            reason for reason, marks in _DECLINE_WORDS.items() if any(f" {mark} " in f" {said} " for mark in marks)
        )
        return next(found, DeclineReason.OTHER)


class Status(Arguments):
    """What has happened."""

    status: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    detail: str = Field(default="", max_length=1000)


class Paper(Arguments):
    """Which paper."""

    kind: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def explain(error: ValidationError) -> str:
    """Tell the model what is wrong with its arguments."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = ".".join(str(part) for part in first["loc"]) or "arguments"
    return f"`{name}`: {first['msg']}."


JsonObject = dict[str, JsonValue]
