"""Where authors write scenarios, personas and prices, and where calls can be looked up."""

from dispatchsim.admin import calls, people, personas, prices, scenarios

__all__ = ["calls", "people", "personas", "prices", "scenarios"]
