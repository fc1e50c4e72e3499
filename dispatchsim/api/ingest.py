"""What agents and agent servers report."""

from ninja import Router

router = Router(tags=["ingest"])
