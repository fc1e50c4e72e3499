"""A local server of the OpenAI Realtime protocol that speaks a part of a call without a key or a network."""
