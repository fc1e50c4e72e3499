"""A call on a terminal: its steps, its words as they are spoken, its end; for people or, as JSON, for scripts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.domain.freight.verdict import Verdict
from dispatchsim.management.output import clean
from dispatchsim.services.following import News
from dispatchsim.services.status import StatusView, StepView
from dispatchsim.services.tool_uses import ToolUseView, put_in_order
from dispatchsim.services.transcript import TurnView

COLOURS = {Role.DISPATCHER: "bold dodger_blue1", Role.DRIVER: "bold orange1"}
TIME_WIDTH = 5
REFRESH_HZ = 10
LAST_STEP = "first_word"


@dataclass(frozen=True)
class Telling:
    """What is new since the last look, in the order in which a person wants it."""

    status: StatusView
    is_new_status: bool
    steps: tuple[StepView, ...]  # newly done
    waiting_for: str  # the step under way; empty once somebody spoke
    lines: tuple[TurnView | ToolUseView, ...]  # newly said to the end, and newly done
    speaking: tuple[TurnView, ...]  # being said now


class Teller:
    """Turns looks at the rows into news, each told once."""

    def __init__(self) -> None:
        self._steps: set[str] = set()
        self._turns: set[int] = set()
        self._uses: set[int] = set()
        self._held: list[ToolUseView] = []  # done in the middle of a turn that is still being said
        self._status: object = None

    def tell(self, news: News) -> Telling:
        """Keep what is new of this look."""
        steps = tuple(step for step in news.status.steps if step.done and step.name not in self._steps)
        self._steps |= {step.name for step in steps}
        finished = [turn for turn in news.turns if turn.is_final and turn.seq not in self._turns]
        self._turns |= {turn.seq for turn in finished}
        uses = self._take_uses(news)
        waiting = next((step.label for step in news.status.steps if not step.done), "")
        changing = news.status.model_dump(include={"status", "end_reason", "turns", "steps"})
        is_new_status, self._status = changing != self._status, changing
        return Telling(
            status=news.status,
            is_new_status=is_new_status,
            steps=tuple(step for step in steps if step.name != LAST_STEP),
            waiting_for="" if news.status.status.is_final else waiting,
            lines=tuple(put_in_order(finished, uses)),
            speaking=tuple(turn for turn in news.unfinished if turn.text and turn.seq not in self._turns),
        )

    def _take_uses(self, news: News) -> list[ToolUseView]:
        """Give the uses whose place is known.

        Who hangs up does so as the goodbye begins, and that turn, which is told once it is said, stands before it.
        """
        self._held += [use for use in news.uses if use.log_seq not in self._uses]
        self._uses |= {use.log_seq for use in news.uses}
        begun = [turn.start_s for turn in news.unfinished if not news.status.status.is_final]
        ready = [use for use in self._held if all(start_s > use.at_s for start_s in begun)]
        self._held = [use for use in self._held if use not in ready]
        return ready


class Printer(Protocol):
    """Shows a call."""

    def show(self, telling: Telling) -> None:
        """Show what is new."""

    def note(self, text: str) -> None:
        """Say something that is not part of the call."""

    def judge(self, verdict: Verdict) -> None:
        """Show what a call with something at stake came to."""

    def end(self, status: StatusView) -> None:
        """Show how the call ended."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class PlainPrinter:
    """Lines that never change: for pipes and logs."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, telling: Telling) -> None:
        """Print newly done steps, finished turns, and what was done."""
        for step in telling.steps:
            self._print(f"· {clean(step.label)}")
        for line in telling.lines:
            name = clean(telling.status.agents[speaker_of(line)].name)
            what = f": {said(line)}" if isinstance(line, TurnView) else f" · {done(line)}"
            self._print(f"{clock(begin_of_s(line)):>{TIME_WIDTH}} {name}{what}")

    def note(self, text: str) -> None:
        """Print a remark."""
        self._print(f"· {clean(text)}")

    def judge(self, verdict: Verdict) -> None:
        """Print the joint result and what failed."""
        self._print(f"· {clean(describe_verdict(verdict))}")

    def end(self, status: StatusView) -> None:
        """Print the end."""
        self._print(f"{'✓' if is_completed(status) else '✗'} {describe_end(status)}")

    def close(self) -> None:
        """Nothing is open."""

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)


class JsonPrinter:
    """One JSON object a line: `status`, `turn` (once it is finished), `tool`, `verdict` where there is one, `end`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, telling: Telling) -> None:
        """Print a changed status, finished turns, and what was done."""
        if telling.is_new_status:
            self._print("status", telling.status.model_dump(mode="json", exclude={"agents"}))
        for line in telling.lines:
            self._print("turn" if isinstance(line, TurnView) else "tool", line.model_dump(mode="json"))

    def note(self, text: str) -> None:
        """Scripts get no remarks."""

    def judge(self, verdict: Verdict) -> None:
        """Print all checks."""
        self._print("verdict", verdict.model_dump(mode="json"))

    def end(self, status: StatusView) -> None:
        """Print the last object."""
        fields = {"conversation_id", "status", "end_reason", "sentence", "detail", "elapsed_s", "turns"}
        self._print("end", {**status.model_dump(mode="json", include=fields), "completed": is_completed(status)})

    def close(self) -> None:
        """Nothing is open."""

    def _print(self, kind: str, fields: dict[str, object]) -> None:
        # ASCII alone: no control character of a model's reaches the terminal.
        print(json.dumps({"type": kind, **fields}), file=self._out, flush=True)


class LivePrinter:
    """A terminal: finished turns scroll, the one being said is updated in place below them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._names = 1
        self._live = Live(console=console, refresh_per_second=REFRESH_HZ, transient=True)
        self._live.start()

    def show(self, telling: Telling) -> None:
        """Print what is done, and draw what is under way."""
        self._names = max(len(clean(agent.name)) for agent in telling.status.agents.values())
        for step in telling.steps:
            self._console.print(Text.assemble(("✓ ", "green"), (clean(step.label), "dim")))
        for line in telling.lines:
            style = "" if isinstance(line, TurnView) else "dim"
            self._console.print(self._row(line, telling.status, style=style))
        below: list[RenderableType] = [self._row(turn, telling.status, style="italic") for turn in telling.speaking]
        if telling.waiting_for:
            below.append(Spinner("dots", Text(f"{clean(telling.waiting_for)} …", style="dim")))
        self._live.update(Group(*below))

    def note(self, text: str) -> None:
        """Print a remark."""
        self._console.print(Text(clean(text), style="dim"))

    def judge(self, verdict: Verdict) -> None:
        """Print the joint result and what failed."""
        self.note(describe_verdict(verdict))

    def end(self, status: StatusView) -> None:
        """Print the end."""
        self._live.update(Group())
        mark = ("✓ ", "bold green") if is_completed(status) else ("✗ ", "bold red")
        self._console.print(Text.assemble(mark, (describe_end(status), "bold")))

    def close(self) -> None:
        """Give the terminal back."""
        self._live.stop()

    def _row(self, line: TurnView | ToolUseView, status: StatusView, *, style: str = "") -> Table:
        row = Table.grid(padding=(0, 1))
        row.add_column(width=TIME_WIDTH, justify="right", style="dim")
        row.add_column(width=self._names)
        row.add_column(ratio=1)
        role = speaker_of(line)
        name = Text(clean(status.agents[role].name), style=COLOURS[role])
        text = said(line) if isinstance(line, TurnView) else f"· {done(line)}"
        row.add_row(Text(clock(begin_of_s(line))), name, Text(text, style=style))
        return row


def build_printer(out: TextIO, *, as_json: bool, make_console: Callable[[TextIO], Console] | None = None) -> Printer:
    """Pick how to show a call on this stream."""
    if as_json:
        return JsonPrinter(out)
    console = (make_console or _console)(out)
    return LivePrinter(console) if console.is_terminal and not console.is_dumb_terminal else PlainPrinter(out)


def is_completed(status: StatusView) -> bool:
    """Tell whether both talked to the end and hung up."""
    return status.status is ConversationStatus.ENDED and status.end_reason is EndReason.AGENT_HUNG_UP


def describe_verdict(verdict: Verdict) -> str:
    """Say in a line what the checks came to."""
    result = verdict.joint.value.replace("_", " ")
    return " ".join([f"Verdict: {result}.", *verdict.reasons])


def describe_end(status: StatusView) -> str:
    """Say in a line how the call ended, how long it was, and what to do where it failed."""
    hint = next((step.hint for step in status.steps if step.failed), "")
    parts = [
        status.sentence or "The call is over.",
        status.detail,
        f"{clock(status.elapsed_s)}, {status.turns} turns.",
        hint,
    ]
    return clean(" ".join(part for part in parts if part))


def said(turn: TurnView) -> str:
    """Give the words of a turn on one line, with the mark of an interruption."""
    text = clean(" ".join(turn.text.split()))
    return f"{text} —" if turn.interrupted else text


def done(use: ToolUseView) -> str:
    """Give what was done with a tool on one line."""
    return clean(" ".join(use.text.split()))


def speaker_of(line: TurnView | ToolUseView) -> Role:
    """Tell whose line it is."""
    return line.speaker if isinstance(line, TurnView) else line.role


def begin_of_s(line: TurnView | ToolUseView) -> float:
    """Tell when it began, in the call's time."""
    return line.start_s if isinstance(line, TurnView) else line.at_s


def clock(seconds: float) -> str:
    """Write a time of the call as minutes and seconds."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{rest:02d}"


def _console(out: TextIO) -> Console:
    return Console(file=out, highlight=False)
