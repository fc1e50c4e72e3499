"""Django's entry into the project's one app."""

from importlib import import_module
from types import ModuleType

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.staticfiles import apps as staticfiles_apps
from django.db.models.signals import post_migrate


class DispatchsimConfig(AppConfig):
    """The one Django app of the project."""

    name = "dispatchsim"
    verbose_name = "Dispatchsim"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and keep the groups' rights in step with the code."""
        import_module("dispatchsim.checks")
        accounts = import_module("dispatchsim.services.accounts")  # models are loaded only now
        post_migrate.connect(accounts.on_migrated, sender=self, dispatch_uid="dispatchsim.groups")


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our rule of who comes in."""

    default_site = "dispatchsim.admin_site.LibrarySite"


class StaticFilesConfig(staticfiles_apps.StaticFilesConfig):
    """Django's own, without the type declarations and sources that come with npm packages."""

    def __init__(self, app_name: str, app_module: ModuleType) -> None:
        super().__init__(app_name, app_module)
        self.ignore_patterns = [*self.ignore_patterns, "*.d.ts", "*.d.ts.map", "src", "ts4.2"]
