"""Where authors write scenarios and personas, and where calls can be looked up."""

from django.contrib import admin

from dispatchsim.admin import calls, people, personas, scenarios

__all__ = ["calls", "people", "personas", "scenarios"]

admin.site.site_header = "Dispatchsim"
admin.site.site_title = "Dispatchsim"
admin.site.index_title = "Scenarios, personas and calls"
admin.site.enable_nav_sidebar = False  # the header has the three places that people come for
