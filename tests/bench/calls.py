"""Turns to be recognised, with what their listener was told: of the library's calls, and free ones."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from rehearsal.part import Part, find_part
from rehearsal.script import Act, Step, next_line

LIBRARY = Path(__file__).resolve().parents[2] / "dispatchsim" / "library" / "scenarios"
Turns = list[tuple[str, list[str]]]  # what the listener was told, and what it hears

_PART = """# Your part
role: {role}
name: {name}
peer_role: {peer_role}
peer_name: {peer_name}
opens_the_call: no

# The situation
{situation}

# Load sheet
{sheet}

# Your decision
decision: {decision}
"""
FREE_FROM_DRIVER = [
    "Fourteen fifty is a little low for me. I need at least 1,600 dollars to run it.",
    "So that's frozen chicken, 42,000 pounds, Springdale to Dallas, for 1,450 dollars. Is that right?",
    "I have eleven hours of driving left and I'm in Fort Smith, Arkansas, about sixty miles away.",
    "Could you do sixteen hundred and I'll take it right now?",
    "Sorry, I didn't catch the weight. Can you say that again?",
    "I can be there by 6:30 in the morning.",
    "My trailer is a 53 foot reefer and it's clean and dry.",
    "No, you said 7 in the morning, not 8.",
    "All right Tim, put me on it. I'll send you the papers when I'm loaded.",
    "What's the deadhead, and who pays the lumper?",
]
FREE_FROM_DISPATCHER = [
    "Hi Chris, it's Tim. I've got frozen chicken out of Springdale, Arkansas, going to Dallas, Texas. Are you empty?",
    "It picks up tomorrow at 7 in the morning and delivers the day after at 5 in the morning.",
    "It weighs 42,000 pounds and it runs at minus 10 degrees, continuous.",
    "It's 330 miles and it pays 1,450 dollars, all in.",
    "I could go up to fifteen fifty, but that's the best I can do.",
    "The load number is LD-4471 and the pickup number is 83025.",
    "Detention is 60 dollars an hour after the first two hours.",
    "Okay, you're booked at $1,575. I'll send the rate confirmation right away.",
    "The receiver is in Dallas, Texas, dock 14, ask for Maria.",
    "They moved the appointment to Thursday at 2:30 in the afternoon.",
]


def kinds() -> dict[str, Turns]:
    """Give every kind of turn by its name."""
    both = [prompts(path) for path in sorted(LIBRARY.glob("*.yaml"))]
    dispatcher, driver = prompts(LIBRARY / "chicken-to-dallas.yaml")
    return {
        "known facts, rehearsed sentences": [(told, lines(other)) for told, other in both],
        "unknown facts, rehearsed sentences": [(told, lines(other)) for other, told in both],
        "known facts, free sentences": [(dispatcher, FREE_FROM_DRIVER)],
        "unknown facts, free sentences": [(driver, FREE_FROM_DISPATCHER)],
    }


def prompts(path: Path) -> tuple[str, str]:
    """Give what dispatcher and driver are told in a scenario."""
    scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
    asked = "\n".join(f"{line.partition(':')[0]}: ?" for line in scenario["load_sheet"].splitlines())
    dispatcher = _PART.format(
        role="dispatcher",
        name="Tim",
        peer_role="driver",
        peer_name="Chris",
        situation=scenario["dispatcher_briefing"],
        sheet=scenario["load_sheet"],
        decision="",
    )
    driver = _PART.format(
        role="driver",
        name="Chris",
        peer_role="dispatcher",
        peer_name="Tim",
        situation=scenario["driver_briefing"],
        sheet=asked,
        decision=scenario["driver_decision"],
    )
    return dispatcher, driver


def lines(told: str) -> list[str]:
    """Give what the rehearsal says in a whole call."""
    part = find_part(told)
    return [] if part is None else list(_lines(part))


def _lines(part: Part) -> Iterator[str]:
    said: list[Step] = []
    while Act.BYE not in (step.act for step in said):
        line = next_line(part, said=said, is_addressed=True)
        said.append(line.step)
        yield line.text
