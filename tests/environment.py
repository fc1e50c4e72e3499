"""The environment variables of the project, which no test may inherit."""

# Every variable that `docs/architecture.md` lists, and those of later parts.
SCRUBBED = (
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DEBUG",
    "DISPATCHSIM_AGENTS_KEY",
    "DISPATCHSIM_API_TOKEN",
    "DISPATCHSIM_DATA_DIR",
    "DISPATCHSIM_DRAIN_S",
    "DISPATCHSIM_MAX_CALLS",
    "DISPATCHSIM_WEB_URL",
    "LANGFUSE_HOST",
    "LANGFUSE_PUBLIC_KEY",
    "LANGFUSE_SECRET_KEY",
    "LIVEKIT_API_KEY",
    "LIVEKIT_API_SECRET",
    "LIVEKIT_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_REALTIME_MODEL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "PORT",
    "REDIS_URL",
    "REHEARSAL_API_KEY",
    "REHEARSAL_URL",
    "SECRET_KEY",
)
