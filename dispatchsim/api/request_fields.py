"""Names of the services' fields in the words of a request: where in its body the refused value stands."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError

_AGENT_FIELDS = {
    **{role.value: f"overrides.{role}.persona" for role in Role},
    **{f"{role}.{part}": f"overrides.{role}.{part}" for role in Role for part in ("voice", "model")},
}
_OF_THE_LIBRARY = dict.fromkeys(("load_sheet", "freight"), "scenario")  # the body has only its slug
_INLINE = {name: f"scenario.{name}" for name in ("load_sheet", "freight")}


@contextmanager
def name_request_fields(*, is_inline: bool) -> Iterator[None]:
    """Let what a service refuses name a field that the body of the request has."""
    names: Mapping[str, str] = _AGENT_FIELDS | (_INLINE if is_inline else _OF_THE_LIBRARY)
    try:
        yield
    except InvalidInputError as error:
        error.field = names.get(error.field, error.field)
        raise
