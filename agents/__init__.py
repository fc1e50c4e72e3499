"""The voices of a call: LiveKit agents that speak through the Realtime API. No Django here."""
