"""The driver's agent server by itself: `python -m agents.driver_agent start`."""

from livekit.agents import cli

from agents.config import read_server_config
from agents.server import build_server
from dispatchsim.domain.conversation import Role

if __name__ == "__main__":
    cli.run_app(build_server(Role.DRIVER, read_server_config()))
