"""A call on a terminal is told once, in order, and nothing that was said can steer the terminal."""

import io
import json
import re
from uuid import UUID

import pytest
from rich.console import Console

from dispatchsim.domain.conversation import AgentState, ConversationStatus, EndReason, Role
from dispatchsim.domain.freight.case import FreightOutcome
from dispatchsim.domain.freight.verdict import Check, Result, Verdict
from dispatchsim.management.terminal import JsonPrinter, LivePrinter, PlainPrinter, Teller, build_printer, describe_end
from dispatchsim.services.following import News
from dispatchsim.services.status import AgentView, StatusView, StepView
from dispatchsim.services.tool_uses import ToolUseView
from dispatchsim.services.transcript import TurnView

EVIL = "All set\x1b[2J\x07, \u202egoodbye\r\nreally."


def a_turn(seq: int = 1, text: str = "Hi there.", *, is_final: bool = True, interrupted: bool = False) -> TurnView:
    return TurnView(
        seq=seq,
        speaker=Role.DRIVER,
        text=text,
        heard_as=None,
        start_s=65.2,
        end_s=67.0 if is_final else None,
        interrupted=interrupted,
        response_latency_s=0.5,
        item_id="item",
        is_final=is_final,
    )


def a_status(
    status: ConversationStatus = ConversationStatus.LIVE, reason: EndReason | None = None, *, name: str = "Chris"
) -> StatusView:
    agents = {
        role: AgentView(name=name if role is Role.DRIVER else "Tim", joined=True, state=state, last_seen_at=None)
        for role, state in zip(Role, (AgentState.LISTENING, AgentState.SPEAKING), strict=True)
    }
    return StatusView(
        conversation_id=UUID(int=7),
        status=status,
        end_reason=reason,
        sentence=reason.sentence if reason else "",
        detail="",
        floor_opened_at=None,
        elapsed_s=75.0,
        cost_usd=None,
        is_unpriced=False,
        turns=4,
        agents=agents,
        steps=[
            StepView(name="room", label="Room made", done=True),
            StepView(name="floor", label="Line open", done=False),
        ],
    )


def a_use(text: str = "Offered 1,500 dollars", *, at_s: float = 66.0) -> ToolUseView:
    return ToolUseView(
        log_seq=9,
        call_id="one",
        role=Role.DISPATCHER,
        name="offer_rate",
        arguments={"amount_usd": 1500},
        result={"ok": True, "offered_usd": 1500},
        ok=True,
        at_s=at_s,
        text=text,
    )


def news(
    *turns: TurnView,
    unfinished: tuple[TurnView, ...] = (),
    uses: tuple[ToolUseView, ...] = (),
    status: StatusView | None = None,
) -> News:
    return News(cursor=1, turns=list(turns), unfinished=list(unfinished), uses=list(uses), status=status or a_status())


def test_a_turn_is_told_once_even_if_it_changes_later() -> None:
    teller = Teller()

    first, second = teller.tell(news(a_turn())), teller.tell(news(a_turn(text="Hi there, again.")))

    assert (len(first.lines), len(second.lines)) == (1, 0)


def test_a_turn_is_not_finished_while_it_is_being_said() -> None:
    telling = Teller().tell(news(a_turn(is_final=False), unfinished=(a_turn(is_final=False),)))

    assert (len(telling.lines), len(telling.speaking)) == (0, 1)


def test_a_step_is_told_once_and_the_next_one_is_named() -> None:
    teller = Teller()

    first, second = teller.tell(news()), teller.tell(news())

    assert ([step.label for step in first.steps], first.waiting_for) == (["Room made"], "Line open")
    assert second.steps == ()


def test_without_a_terminal_each_turn_is_one_line_with_its_time_and_speaker() -> None:
    out = io.StringIO()

    PlainPrinter(out).show(Teller().tell(news(a_turn(interrupted=True))))

    assert out.getvalue() == "· Room made\n 1:05 Chris: Hi there. —\n"


def test_what_was_done_with_a_tool_stands_in_its_place() -> None:
    out = io.StringIO()

    PlainPrinter(out).show(Teller().tell(news(a_turn(), uses=(a_use(at_s=60.0),))))

    assert out.getvalue() == "· Room made\n 1:00 Tim · Offered 1,500 dollars\n 1:05 Chris: Hi there.\n"


def test_a_use_of_a_tool_is_told_once() -> None:
    teller = Teller()

    first, second = teller.tell(news(uses=(a_use(),))), teller.tell(news(uses=(a_use(),)))

    assert (len(first.lines), len(second.lines)) == (1, 0)


def test_hanging_up_stands_after_the_goodbye_during_which_it_was_done() -> None:
    teller, out = Teller(), io.StringIO()
    goodbye = a_turn(text="Goodbye, Tim.", is_final=False)

    for look in (
        news(unfinished=(goodbye,), uses=(a_use("Hung up", at_s=65.3),)),
        news(a_turn(text="Goodbye, Tim.")),
    ):
        PlainPrinter(out).show(teller.tell(look))

    assert re.findall(r"Hung up|Goodbye", out.getvalue()) == ["Goodbye", "Hung up"]


def test_what_was_done_in_a_turn_that_never_ends_is_told_when_the_call_is_over() -> None:
    teller, unfinished = Teller(), (a_turn(is_final=False),)
    ended = a_status(ConversationStatus.ENDED, EndReason.PERSON_ENDED)

    first = teller.tell(news(unfinished=unfinished, uses=(a_use(),)))
    last = teller.tell(news(unfinished=unfinished, status=ended))

    assert (first.lines, last.lines) == ((), (a_use(),))


def test_a_terminal_that_is_updated_in_place_shows_what_was_done() -> None:
    out = io.StringIO()
    printer = LivePrinter(Console(file=out, force_terminal=True, no_color=True, width=80, _environ={"TERM": "xterm"}))

    printer.show(Teller().tell(news(uses=(a_use(EVIL),))))
    printer.close()

    assert "· All set·[2J·, ·goodbye really." in out.getvalue()


def test_a_script_gets_arguments_and_result_of_a_tool() -> None:
    out = io.StringIO()

    JsonPrinter(out).show(Teller().tell(news(uses=(a_use(),))))

    told = json.loads(out.getvalue().splitlines()[-1])
    assert (told["type"], told["name"]) == ("tool", "offer_rate")
    assert (told["arguments"], told["result"]["ok"]) == ({"amount_usd": 1500}, True)


def test_what_was_said_cannot_steer_the_terminal() -> None:
    out = io.StringIO()

    PlainPrinter(out).show(Teller().tell(news(a_turn(text=EVIL), status=a_status(name="Chr\x1b[31mis"))))

    assert all(line.isprintable() for line in out.getvalue().splitlines())
    assert out.getvalue().count("\n") == 2


def test_what_was_said_cannot_steer_a_terminal_that_is_updated_in_place() -> None:
    out = io.StringIO()
    printer = LivePrinter(Console(file=out, force_terminal=True, no_color=True, width=80, _environ={"TERM": "xterm"}))

    printer.show(Teller().tell(news(a_turn(text=EVIL))))
    printer.close()

    assert "All set·[2J·, ·goodbye really." in out.getvalue()


class Terminal(io.StringIO):
    """A stream that says of itself what a person's terminal says."""

    def isatty(self) -> bool:
        return True


def paint_a_call(monkeypatch: pytest.MonkeyPatch, **environ: str) -> str:
    """Show a call on a terminal; give all that it was sent."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environ}.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    printer = build_printer(terminal, as_json=False)
    printer.show(Teller().tell(news(a_turn(), uses=(a_use(at_s=70.0),))))
    printer.end(a_status(ConversationStatus.ENDED, EndReason.AGENT_HUNG_UP))
    printer.close()
    return terminal.getvalue()


def find_colours(sent: str, words: str) -> str:
    """Give the colour codes that stand right before the words."""
    found = re.search(rf"\x1b\[([0-9;]*)m{re.escape(words)}", sent)
    return found[1] if found else ""


def test_each_speaker_has_a_colour_of_their_own_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = paint_a_call(monkeypatch)

    assert (find_colours(sent, "Chris"), find_colours(sent, "Tim")) == ("1;38;5;214", "1;38;5;33")


def test_a_step_and_a_good_end_are_green_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = paint_a_call(monkeypatch)

    assert re.findall(r"\x1b\[([0-9;]*)m✓ ", sent) == ["32", "1;32"]


def test_a_person_who_wants_no_colours_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = paint_a_call(monkeypatch, NO_COLOR="1")

    assert re.findall(r"\x1b\[[0-9;]*(?:3[0-7]|38|9[0-7])[0-9;]*m", sent) == []
    assert "Chris" in sent


def test_without_a_terminal_there_is_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    out = io.StringIO()

    printer = build_printer(out, as_json=False)
    printer.show(Teller().tell(news(a_turn())))
    printer.end(a_status(ConversationStatus.ENDED, EndReason.AGENT_HUNG_UP))

    assert ("Chris" in out.getvalue(), "\x1b" in out.getvalue()) == (True, False)


def test_markup_in_what_was_said_is_shown_as_it_is() -> None:
    out = io.StringIO()
    printer = LivePrinter(Console(file=out, force_terminal=True, no_color=True, width=80, _environ={"TERM": "xterm"}))

    printer.show(Teller().tell(news(a_turn(text="[bold]ten[/bold]"))))
    printer.close()

    assert "[bold]ten[/bold]" in out.getvalue()


def test_json_is_one_object_a_line_and_ascii() -> None:
    out = io.StringIO()
    printer = JsonPrinter(out)

    printer.show(Teller().tell(news(a_turn(text=EVIL))))
    printer.end(a_status(ConversationStatus.ENDED, EndReason.AGENT_HUNG_UP))

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["type"] for line in lines] == ["status", "turn", "end"]
    assert lines[1]["text"] == EVIL
    assert out.getvalue().isascii()


def test_json_says_whether_the_call_was_completed() -> None:
    out = io.StringIO()

    JsonPrinter(out).end(a_status(ConversationStatus.ENDED, EndReason.TIME_CAP))

    assert json.loads(out.getvalue())["completed"] is False


def test_the_end_is_a_sentence_with_length_and_turns() -> None:
    end = describe_end(a_status(ConversationStatus.ENDED, EndReason.AGENT_HUNG_UP))

    assert end == "They said goodbye and hung up. 1:15, 4 turns."


def test_a_pipe_gets_plain_lines() -> None:
    assert isinstance(build_printer(io.StringIO(), as_json=False), PlainPrinter)


def a_verdict() -> Verdict:
    why = f"The driver declined because of {EVIL}"
    check = Check(name="expected_outcome", result=Result.FAIL, why=why)
    agents = dict.fromkeys(Role, Result.FAIL)
    return Verdict(expected=FreightOutcome.BOOKED, outcomes=(), joint=Result.FAIL, agents=agents, checks=(check,))


def test_a_verdict_is_one_line_with_what_failed() -> None:
    out = io.StringIO()

    PlainPrinter(out).judge(a_verdict())

    assert out.getvalue().startswith("· Verdict: fail. The driver declined because of All set")
    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()


def test_a_script_gets_every_check_of_a_verdict() -> None:
    out = io.StringIO()

    JsonPrinter(out).judge(a_verdict())

    told = json.loads(out.getvalue())
    assert (told["type"], told["joint"], told["checks"][0]["name"]) == ("verdict", "fail", "expected_outcome")
