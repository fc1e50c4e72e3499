"""Every address of the web side."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from dispatchsim.api.health import healthz, readyz
from dispatchsim.api.v1 import api
from dispatchsim.pages.password import password

urlpatterns: list[URLPattern | URLResolver] = [
    path("favicon.ico", RedirectView.as_view(url=static("img/mark.svg"))),  # where the admin names no icon
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("password/", password, name="password"),
    path("", include("dispatchsim.pages.urls")),
]
