"""Wait for an event, but not for ever."""

import asyncio


async def is_set_within(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait until an event is set; False when it was not in time.

    In place of `asyncio.wait_for`, which in Python 3.11 loses a cancellation that comes together with the event.
    """
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
