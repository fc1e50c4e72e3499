"""Rules and contracts of a conversation: plain Python and pydantic, no Django, no I/O, no clock."""
