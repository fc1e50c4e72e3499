"""The brief of one agent, and the token with which it reports."""

from uuid import UUID

from django.conf import settings
from django.core import signing

from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import NotAuthenticatedError
from dispatchsim.domain.freight.tools import tools_for
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario
from dispatchsim.models import Conversation

_SALT = "dispatchsim.report"
# The longest call is an hour; after it an agent may still hold events that could not be sent.
REPORT_TOKEN_LIFE_S = 2 * 3600


def build_brief(conversation: Conversation, role: Role) -> ConversationBrief:
    """Build everything that one agent needs for this call."""
    scenario = FrozenScenario.model_validate(conversation.scenario_copy)
    persona, peer = frozen_persona(conversation, role), frozen_persona(conversation, role.peer)
    return ConversationBrief(
        conversation_id=conversation.pk,
        role=role,
        name=persona.name,
        peer_name=peer.name,
        is_opener=scenario.opener is role,
        instructions=persona.instructions,
        voice=persona.voice,
        line=scenario.line,
        report_url=f"{settings.DISPATCHSIM_WEB_URL}/api/v1/ingest/{conversation.pk}/events",
        report_token=sign_report_token(conversation.pk, role),
        tools=() if scenario.freight is None else tools_for(scenario.freight, role),
        tools_url=f"{settings.DISPATCHSIM_WEB_URL}/api/v1/ingest/{conversation.pk}/tools",
    )


def frozen_persona(conversation: Conversation, role: Role) -> FrozenPersona:
    """Read the frozen copy of one side."""
    copy = conversation.dispatcher_copy if role is Role.DISPATCHER else conversation.driver_copy
    return FrozenPersona.model_validate(copy)


def sign_report_token(conversation_id: UUID, role: Role) -> str:
    """Sign the right to report as one role of one conversation."""
    return signing.dumps({"conversation": str(conversation_id), "role": role.value}, salt=_SALT)


def read_report_token(token: str, *, conversation_id: UUID) -> Role:
    """Give the role that a token speaks for; NotAuthenticatedError unless it is good for this conversation."""
    try:
        claims = signing.loads(token, salt=_SALT, max_age=REPORT_TOKEN_LIFE_S)
        role, conversation = Role(claims["role"]), claims["conversation"]
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise NotAuthenticatedError("The report token is not valid.") from None
    if conversation != str(conversation_id):
        raise NotAuthenticatedError("The report token belongs to another conversation.")
    return role
