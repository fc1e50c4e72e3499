"""Every address of the web side."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from dispatchsim.api.health import healthz, readyz
from dispatchsim.api.v1 import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("", include("dispatchsim.pages.urls")),
]
