"""Django's entry into the project's one app."""

from django.apps import AppConfig


class DispatchsimConfig(AppConfig):
    """The one Django app of the project."""

    name = "dispatchsim"
    verbose_name = "Dispatchsim"
    default_auto_field = "django.db.models.BigAutoField"
