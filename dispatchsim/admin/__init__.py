"""Where authors write scenarios and personas, and where calls can be looked up."""

from dispatchsim.admin import calls, people, personas, scenarios

__all__ = ["calls", "people", "personas", "scenarios"]
