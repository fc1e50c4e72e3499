"""Keep calls moving: `manage.py supervise`.

SIGINT ─► every call is cut at once, reason `stopped` ─► rooms deleted ─► exit 0
SIGTERM ─► the queue waits; up to DRAIN_S for the running calls ─► as SIGINT, the queue included
"""

import math
import signal
import threading
import time
from datetime import datetime
from types import FrameType
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections, connections
from django.utils import timezone

from dispatchsim.domain.conversation import EndReason
from dispatchsim.services.stopping import are_reports_due, end_all, finish_all
from dispatchsim.services.supervision import follow_reports, reconcile_once
from dispatchsim.services.supervisors import record_heartbeat, say_goodbye
from dispatchsim.services.tracing import find_destinations, trace_finished_calls

TICK_S = 0.25  # the floor's 2 s and the queue are this exact
LOOK_S = 1.0  # between looks at LiveKit's lists while calls run
IDLE_LOOK_S = 5.0  # and while none does
BEAT_S = 5.0  # between heartbeats, by which `manage.py doctor` sees that calls are looked after
TRACE_LOOK_S = 2.0  # between looks for calls whose trace is to be sent
TRACE_AGAIN_S = 30.0  # after a collector did not take one
CUT_S = 2.0  # what agents get to report what was heard

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Reconcile rows and rooms until told to stop."""

    help = "Supervise calls: dispatch, open the floor, end what must end."
    requires_system_checks = ()  # `up` has run them

    _look_at = 0.0  # on the monotonic clock: when LiveKit's lists, and a heartbeat, are due
    _beat_at = 0.0
    _cut_until_s = 0.0
    _heard_since: datetime | None = None  # agents' reports come in without a pause

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._stop, self._drain = threading.Event(), threading.Event()

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until a signal comes, then end every call."""
        signal.signal(signal.SIGINT, self._on_interrupt)
        signal.signal(signal.SIGTERM, self._on_terminate)
        log.info("supervisor started")
        self._start_tracing()
        # In a thread of their own: a look that waits for LiveKit must not keep the end waiting.
        self.looking = threading.Thread(target=self._look_after_calls, name="looks", daemon=True)
        self.looking.start()
        self._wait_for_the_end()
        self.end_everything()
        self.looking.join(TICK_S)
        log.info("supervisor stopped")

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        self._drain.set()

    def _wait_for_the_end(self) -> None:
        """Wait for SIGINT, or after SIGTERM until no call runs or time is up."""
        until_s = math.inf
        while not self._stop.wait(TICK_S) and time.monotonic() < until_s:
            if self._drain.is_set() and until_s == math.inf:
                log.info("draining", drain_s=settings.DRAIN_S)
                until_s = time.monotonic() + settings.DRAIN_S
        self._stop.set()

    def _look_after_calls(self) -> None:
        """Look again and again, until told to stop or nothing is left to drain."""
        try:
            while not self._stop.is_set():
                is_draining = self._drain.is_set()
                if self.look(starts_queued=not is_draining) == 0 and is_draining:
                    self._stop.set()
                self._stop.wait(TICK_S)
        finally:
            connections.close_all()

    def look(self, *, starts_queued: bool) -> int | None:
        """Look once; None when the database or LiveKit failed. The outermost loop: it logs and goes on."""
        asks_livekit = time.monotonic() >= self._look_at
        running: int | None = None
        try:
            close_old_connections()
            now = timezone.now()
            if asks_livekit:  # only then can an agent be told from one that nobody hears
                self._heard_since = follow_reports(self._heard_since, now=now)
            running = reconcile_once(
                now, heard_since=self._heard_since, asks_livekit=asks_livekit, starts_queued=starts_queued
            )
            self._beat()
        except Exception:
            log.exception("look failed")
        if asks_livekit:
            self._look_at = time.monotonic() + IDLE_LOOK_S
        if running:
            self._look_at = min(self._look_at, time.monotonic() + LOOK_S)
        return running

    def _beat(self) -> None:
        if time.monotonic() >= self._beat_at and not self._stop.is_set():  # a goodbye is the last word
            record_heartbeat(timezone.now())
            self._beat_at = time.monotonic() + BEAT_S

    def _start_tracing(self) -> None:
        """Send traces from a thread of their own: no call waits for a collector."""
        if find_destinations():
            threading.Thread(target=self._trace, name="tracing", daemon=True).start()

    def _trace(self) -> None:
        """Send traces until told to stop. An outermost loop: it logs and goes on."""
        pause_s = TRACE_LOOK_S
        while not self._stop.wait(pause_s):
            try:
                close_old_connections()
                pause_s = TRACE_AGAIN_S if trace_finished_calls(now=timezone.now()).failed else TRACE_LOOK_S
            except Exception:
                log.exception("traces could not be sent")
                pause_s = TRACE_AGAIN_S

    def end_everything(self) -> None:
        """End every call, and wait a little for what agents still have to report."""
        for step in (say_goodbye, self._end_all, self._wait_for_reports, finish_all):
            try:
                step()
            except Exception:  # what one step cannot do must not keep the next from its own
                log.exception("calls could not be ended")

    def _end_all(self) -> None:
        # From here on, not from when LiveKit has passed it on: what it does not pass on nobody reports for.
        self._cut_until_s = time.monotonic() + CUT_S
        end_all(reason=EndReason.STOPPED)

    def _wait_for_reports(self) -> None:
        while are_reports_due() and time.monotonic() < self._cut_until_s:
            time.sleep(TICK_S)
