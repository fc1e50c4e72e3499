"""Command line: `python -m rehearsal --host 127.0.0.1 --port 8003`, key from REHEARSAL_API_KEY."""

import argparse
import asyncio
import logging
import os
import signal
import sys

from rehearsal.config import BACKCHANNEL_MS, ServerConfig
from rehearsal.faults import Fault
from rehearsal.server import RehearsalServer

logger = logging.getLogger("rehearsal")


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description="A local OpenAI Realtime server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8003, help="0 takes a free one")
    parser.add_argument("--session-limit-s", type=float, default=3600.0, help="longest session in seconds")
    parser.add_argument("--pace", type=float, default=0.0, help="send audio at this multiple of real time; 0: at once")
    parser.add_argument(
        "--fault",
        default=os.environ.get("REHEARSAL_FAULT") or None,
        choices=[fault.value for fault in Fault],
        help="what every session does wrong, for tests; also REHEARSAL_FAULT",
    )
    options = parser.parse_args(arguments)
    if options.fault not in (None, *Fault):
        parser.error(f"REHEARSAL_FAULT is {options.fault!r}; it can be one of {', '.join(Fault)}.")
    api_key = os.environ.get("REHEARSAL_API_KEY", "")
    if not api_key:
        parser.error("REHEARSAL_API_KEY is not set; clients have to present it as bearer key.")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # its lines carry request headers
    config = ServerConfig(
        api_key=api_key,
        host=options.host,
        port=options.port,
        session_limit_s=options.session_limit_s,
        pace=options.pace,
        seed=os.environ.get("REHEARSAL_SEED", ""),
        fault=Fault(options.fault) if options.fault else None,
        tolerates_ms=BACKCHANNEL_MS,
        warms_up=True,
    )
    try:
        asyncio.run(_serve(config))
    except OSError as error:
        logger.error("cannot listen host=%s port=%s reason=%s", config.host, config.port, error.strerror)
        return 1
    return 0


async def _serve(config: ServerConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop.set)
    async with RehearsalServer(config).listening() as server:
        port = next(iter(server.sockets)).getsockname()[1]
        logger.info("listening host=%s port=%s", config.host, port)
        await stop.wait()
        logger.info("stopping")


if __name__ == "__main__":
    sys.exit(main())
