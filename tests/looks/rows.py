"""Calls made up for pages to show; run inside a site's own data folder, it prints who and where as JSON.

python -m tests.looks.rows FOLDER_OF_AN_EMPTY_SITE
"""

import json
import os
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django


def main() -> None:
    """Set up the database without calls, copy it, then add the calls."""
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  (needs Django's apps)
    from django.db import connection  # noqa: PLC0415
    from django.db.backends.signals import connection_created  # noqa: PLC0415

    from dispatchsim.management.static_build import collect_when_needed  # noqa: PLC0415

    connection_created.connect(_trust_the_machine)
    collect_when_needed()
    call_command("migrate", verbosity=0)
    call_command("load_library", verbosity=0)
    sessions = {name: _sign_in(name) for name in ("owner", "viewer", "author", "stranger")}
    connection.close()
    here, empty = Path(os.environ["DISPATCHSIM_DATA_DIR"]), Path(sys.argv[1])
    for file in here.glob("db.sqlite3*"):
        shutil.copy(file, empty / file.name)
    sys.stdout.write(json.dumps({"sessions": sessions, "calls": _make_calls()}) + "\n")


def _trust_the_machine(*, connection: Any, **_: object) -> None:
    """Write without waiting for the disk: nobody misses these rows after a power cut, and there are thousands."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")


def _sign_in(name: str) -> str:
    """Make a person and give the key of a session of theirs."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth.models import Group, User  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from dispatchsim.services.accounts import sync_groups  # noqa: PLC0415
    from dispatchsim.services.sign_in import get_owner  # noqa: PLC0415

    sync_groups()
    person = get_owner() if name == "owner" else User.objects.create_user(username=name, password="a long pass phrase")
    if name != "owner":
        person.groups.set(Group.objects.filter(name=f"{name}s"))
    client = Client()
    client.force_login(person)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


SAID = (
    ("dispatcher", "Hi Chris, this is Tim with Northline. I have a load of frozen chicken out of Springdale."),
    ("driver", "Morning Tim. Springdale works. What does it weigh, and when do they want it picked up?"),
    (
        "dispatcher",
        "Forty-two thousand pounds, pickup tomorrow at eight, due in Dallas by five in the afternoon.",
    ),
    ("driver", "What does it pay?"),
    ("dispatcher", "Two thousand four hundred fifty dollars, all in, for three hundred and forty miles."),
    ("driver", "Reefer temperature?"),
    ("dispatcher", "Minus ten, continuous. Hi Chris, are you still there? The line dropped for a second."),
    ("driver", "I am here. Minus ten is fine. I will take it."),
    ("dispatcher", "Great, I will send the rate confirmation right away. Drive safely."),
    ("driver", "Thanks Tim. Goodbye."),
)

# (seconds, role, tool, arguments); one of them is refused.
DONE: tuple[tuple[float, str, str, dict[str, float]], ...] = (
    (18.2, "dispatcher", "offer_rate", {"amount_usd": 2700}),
    (19.1, "dispatcher", "offer_rate", {"amount_usd": 2450}),
    (29.6, "driver", "check_hours_of_service", {}),
    (34.5, "driver", "accept_load", {"rate_usd": 2450}),
    (39.4, "dispatcher", "book_load", {"rate_usd": 2450}),
)


def _make_calls() -> dict[str, str]:
    from django.utils import timezone  # noqa: PLC0415

    from dispatchsim.models import Conversation  # noqa: PLC0415

    _enter_prices()
    now = timezone.now()
    for number in range(34):
        _make_call("ended", now - timedelta(hours=3 * number + 5), title=f"Produce to market {number + 1}", turns=2)
    judged = (("Cut short by a person", "person_ended"), ("Nothing came of it", "agent_hung_up"))
    for number, (title, reason) in enumerate(judged, start=3):
        _make_call("ended", now - timedelta(hours=number), title=title, turns=4, reason=reason)
    paid = _make_call("ended", now - timedelta(hours=4, minutes=30), title="Steel with natural voices", turns=2)
    Conversation.objects.filter(pk=paid).update(voice_provider="openai")
    return {
        "failed": _make_call("failed", now - timedelta(hours=2), reason="agent_never_joined", turns=0),
        "finished": _make_call("ended", now - timedelta(minutes=20), turns=len(SAID)),
        "long": _make_long_call(now - timedelta(minutes=25)),
        "waiting": _make_call("launching", now - timedelta(seconds=5), turns=0),
        "live": _make_call("live", now - timedelta(seconds=40), turns=7),
    }


# What a person, another language or a careless script may write; names and titles are as long as they can be.
LONG_TITLE = "Refrigerated" * 10
LONG_NAMES = ("Bartholomew" * 5 + "Jones", "كريستوفر 🚚👩🏽‍🌾 " * 3 + "Christopherson")
LONG_LABELS = ["Needs-another-listen-by-us-all", "שיחה טובה מאוד 👍🏽", *("x" * 28 + f"-{one}" for one in range(6))]
LONG_TURN = "🚚 " * 60 + "مرحبا يا كريس، معي حمولة. " * 20 + "reefer" * 60 + " and so on and so forth" * 120


def _make_long_call(at: datetime) -> str:
    """Make a call with everything as long as it gets."""
    from dispatchsim.models import Conversation, Turn  # noqa: PLC0415
    from dispatchsim.services.history import label_conversation  # noqa: PLC0415

    key = _make_call("ended", at, title=LONG_TITLE, turns=4)
    call = Conversation.objects.get(pk=key)
    for copy, name in zip((call.dispatcher_copy, call.driver_copy), LONG_NAMES, strict=True):
        copy["name"], copy["instructions"] = name, LONG_TURN
    sheet = f"{'commodity' * 6}: {'chicken' * 20}\nnotes: {LONG_TURN[:300]}"
    call.scenario_copy |= {"title": LONG_TITLE, "summary": LONG_TURN[-500:], "load_sheet": sheet}
    call.save()
    label_conversation(conversation=call, labels=LONG_LABELS)
    Turn.objects.filter(conversation=call, seq=2).update(text=LONG_TURN, heard_as=LONG_TURN)
    return key


def _enter_prices() -> None:
    from dispatchsim.models import ModelPrice  # noqa: PLC0415
    from dispatchsim.models.model_price import KINDS  # noqa: PLC0415

    for model in ("gpt-of-tomorrow", "gpt-of-tomorrow-mini"):
        ModelPrice.objects.create(model=model, **dict(zip(KINDS, (32, 0.4, 64, 4, 0.4, 24), strict=True)))


def _make_call(
    status: str, launched_at: datetime, *, title: str = "Frozen chicken to Dallas", turns: int, reason: str = ""
) -> str:
    """Make one call. A running one has no room, so that a page without LiveKit does not look for it."""
    from dispatchsim.models import AgentSeat, Conversation, Event  # noqa: PLC0415
    from tests.pages.calls import SCENARIO, persona_copy  # noqa: PLC0415

    is_over = status in ("ended", "failed")
    has_floor = status != "launching" and turns > 0
    call = Conversation.objects.create(
        status=status,
        title=title,
        end_reason=reason or ("agent_hung_up" if is_over else ""),
        voice_provider="rehearsal",
        scenario_copy=SCENARIO | {"summary": "A reefer load with a tight window.", "driver_decision": "accept"},
        dispatcher_copy=persona_copy(_role("dispatcher"), "Tim", instructions="You are Tim, a freight dispatcher."),
        driver_copy=persona_copy(_role("driver"), "Chris", instructions="You are Chris, a truck driver."),
        max_duration_s=240,
        max_turns=60,
        launching_at=launched_at,
        room_created_at=launched_at if is_over else None,
        floor_opened_at=launched_at + timedelta(seconds=3) if has_floor else None,
        ended_at=launched_at + timedelta(seconds=70) if is_over else None,
        last_turn_seq=turns,
    )
    Conversation.objects.filter(pk=call.pk).update(created_at=launched_at)
    seats: list[Any] = [
        AgentSeat(conversation=call, role=role, state="speaking" if role == "driver" and turns else "listening")
        for role in ("dispatcher", "driver")
    ]
    AgentSeat.objects.bulk_create(seats)
    _add_events(call, launched_at, Event)
    if turns:
        _add_usage(call, Event)
    _add_turns(call, turns, is_over=is_over)
    if turns > 2:
        _add_freight(call, until_s=turns * 5.0)
    return str(call.pk)


def _add_freight(call: Any, *, until_s: float) -> None:
    """Put something at stake, and do with the tools what was done by then."""
    from dispatchsim.models import Event, ToolUse  # noqa: PLC0415
    from dispatchsim.services.freight_tools import use_tool  # noqa: PLC0415
    from dispatchsim.services.verdicts import judge  # noqa: PLC0415
    from tests.freight.cases import build_case, build_scenario  # noqa: PLC0415

    call.refresh_from_db()
    status, ended_at = call.status, call.ended_at
    case = build_case(money={"rate": 2300, "ceiling": 2600, "floor": 2400})
    call.scenario_copy = build_scenario(case).model_dump(mode="json") | {"summary": call.scenario_copy["summary"]}
    call.status, call.ended_at = "live", None  # tools are taken while a call is on
    call.save()
    for number, (at_s, role, name, arguments) in enumerate(DONE):
        if at_s < until_s:
            at = call.floor_opened_at + timedelta(seconds=at_s)
            request = _request(f"call_{number}", arguments)
            use_tool(conversation_id=call.pk, role=_role(role), name=name, request=request)
            Event.objects.filter(conversation=call, payload__call_id=request.call_id).update(at=at)
            ToolUse.objects.filter(conversation=call, call_id=request.call_id).update(at=at, at_s=at_s)
    call.refresh_from_db()
    call.status, call.ended_at = status, ended_at
    call.save()
    judge(call)


def _request(call_id: str, arguments: dict[str, float]) -> Any:
    from dispatchsim.domain.events import ToolRequest  # noqa: PLC0415

    return ToolRequest(call_id=call_id, arguments=dict(arguments))


def _role(name: str) -> Any:
    from dispatchsim.domain.conversation import Role  # noqa: PLC0415

    return Role(name)


def _add_events(call: Any, launched_at: datetime, event_model: Any) -> None:
    log: tuple[tuple[str, float, dict[str, Any]], ...] = (
        ("call.launched", 0, {}),
        ("room.made", 0.2, {}),
        ("agent.dispatched", 0.3, {"role": "dispatcher", "attempt": 1}),
        ("agent.dispatched", 0.3, {"role": "driver", "attempt": 1}),
        ("agent.joined", 1.4, {"role": "dispatcher"}),
        ("agent.dispatched", 4.4, {"role": "driver", "attempt": 2}),
    )
    for seq, (kind, after_s, payload) in enumerate(log, start=1):
        at = launched_at + timedelta(seconds=after_s)
        event_model.objects.create(conversation=call, seq=seq, type=kind, payload=payload, at=at)
    call.last_event_seq = len(log)
    call.save(update_fields=["last_event_seq"])


def _add_usage(call: Any, event_model: Any) -> None:
    tokens = {"input_audio_tokens": 14210, "input_text_tokens": 9604, "cached_audio_tokens": 10880}
    payload = {"type": "usage", "seq": 1, "at": 1.0, "model": "gpt-realtime", "output_audio_tokens": 3120, **tokens}
    call.last_event_seq += 1
    call.save(update_fields=["last_event_seq"])
    event_model.objects.create(
        conversation=call, seq=call.last_event_seq, role="driver", type="usage", payload=payload, at=call.created_at
    )


def _add_turns(call: Any, count: int, *, is_over: bool) -> None:
    from dispatchsim.models import Turn  # noqa: PLC0415

    for seq, (speaker, text) in enumerate(SAID[:count], start=1):
        is_final = is_over or seq < count
        Turn.objects.create(
            conversation=call,
            seq=seq,
            speaker=speaker,
            turn_id=f"t{seq}",
            text=text,
            heard_as=text if seq % 3 else None,
            start_s=(seq - 1) * 5.0,
            end_s=(seq - 1) * 5.0 + 4.2 if is_final else None,
            interrupted=seq == 5,
            response_latency_s=0.8 if seq > 1 else None,
            is_final=is_final,
        )


if __name__ == "__main__":
    main()
