"""A call that reaches its longest length is wrapped up by its agents, not broken off."""

from tests.live.stack import Stack

MAX_TURNS = 6
LONG_SHEET = "\n".join(f"detail {word}: {word} is fine" for word in ("one", "two", "three", "four", "five", "six"))


def test_agents_that_are_told_of_their_last_turns_say_goodbye(stack: Stack) -> None:
    conversation_id = stack.api.create({"load_sheet": LONG_SHEET, "max_turns": MAX_TURNS})

    end = stack.api.wait_for_end(conversation_id, limit_s=120)
    last_words = " ".join(turn["text"] for turn in stack.api.turns(conversation_id)[-2:]).lower()

    assert (end["status"], end["end_reason"] in ("turn_cap", "agent_hung_up")) == ("ended", True), end
    assert end["turns"] <= MAX_TURNS
    assert "bye" in last_words
