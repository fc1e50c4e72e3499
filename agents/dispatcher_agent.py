"""The dispatcher's agent server by itself: `python -m agents.dispatcher_agent start`."""

from livekit.agents import cli

from agents.server import build_registered_server
from dispatchsim.domain.conversation import Role

if __name__ == "__main__":
    cli.run_app(build_registered_server(Role.DISPATCHER))
