"""The dialogue manager of the rehearsal model: what was heard, what it means, what to do and say next. Pure."""
