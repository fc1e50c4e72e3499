"""The HTTP API under /api/v1/, described at /api/v1/docs."""
