"""The configuration of the local LiveKit server: loopback only, nothing opens by accident."""

import json
import os
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOOPBACK_INTERFACE = "lo0" if sys.platform == "darwin" else "lo"


def build_media_config(
    *,
    http_port: int,
    udp_port: int,
    api_key: str,
    api_secret: str,
    empty_timeout_s: int | None = None,
    departure_timeout_s: int | None = None,
) -> dict[str, object]:
    """Build what `livekit-server --config` reads. The room timeouts are LiveKit's own unless they are given."""
    room: dict[str, object] = {"auto_create": False}  # a token alone must not make a room
    if empty_timeout_s is not None:
        room["empty_timeout"] = empty_timeout_s
    if departure_timeout_s is not None:
        room["departure_timeout"] = departure_timeout_s
    return {
        "port": http_port,
        "bind_addresses": [LOOPBACK],
        "rtc": {
            "udp_port": udp_port,
            "tcp_port": 0,  # off: it would listen on every address
            "node_ip": LOOPBACK,
            "use_external_ip": False,
            "interfaces": {"includes": [LOOPBACK_INTERFACE]},
            "enable_loopback_candidate": True,
        },
        "keys": {api_key: api_secret},
        "agents": {"target_load": 100},  # a busy machine must not lose calls: `launch` owns the cap
        "room": room,
        # `transport` warns of data channels at every goodbye.
        "logging": {"level": "warn", "pion_level": "error", "component_levels": {"transport": "error"}},
    }


def write_media_config(path: Path, config: dict[str, object]) -> None:
    """Write the file, readable by its owner alone: it holds the API secret. JSON is YAML too."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2)
