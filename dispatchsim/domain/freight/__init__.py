"""Freight: what is at stake in a call, the rules of the field, the tools of both sides, and the verdict. Pure."""
