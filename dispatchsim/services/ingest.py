"""Take what agents report: append events, fold them into turns, react after the commit."""

from uuid import UUID

from dispatchsim.domain.events import BatchAcknowledged, EventBatch


def store_batch(*, conversation_id: UUID, batch: EventBatch) -> BatchAcknowledged:
    """Store a batch once, up to its first hole, and tell up to which number everything is stored.

    Raises NotFoundError for an unknown conversation.
    """
    raise NotImplementedError
