"""The API's reference is served from here, and describes every operation."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import clear_script_prefix, set_script_prefix

from dispatchsim.api.v1 import api

pytestmark = pytest.mark.django_db


def test_the_reference_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()

    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)


def test_the_reference_has_no_script_or_style_in_the_page(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()

    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style|\son\w+=|\sstyle=", page)
    assert inline == []


def test_every_asset_of_the_reference_is_there(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()

    names = [address.removeprefix("/static/") for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page)]
    plain = [re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", name) for name in names]
    assert [name for name in plain if finders.find(name) is None] == []


def test_every_operation_of_the_contract_is_described(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]

    prefix = "/api/v1/"
    assert {path.removeprefix(prefix) for path in paths if "ingest" not in path} == {
        "conversations",
        "conversations/create",
        "conversations/{room_id}/status",
        "conversations/{room_id}/transcript",
        "conversations/{room_id}/end",
        "conversations/{room_id}/token",
        "scenarios",
        "personas",
    }


def test_the_reference_says_how_to_sign_in(client: Client) -> None:
    schemes = client.get("/api/v1/openapi.json").json()["components"]["securitySchemes"]

    assert schemes["Needs"]["scheme"] == "bearer"


def test_an_operation_tells_its_errors(client: Client) -> None:
    operation = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/conversations/create"]["post"]

    assert {"201", "401", "403", "422", "429", "503"} <= set(operation["responses"])


def test_its_paths_follow_where_the_site_is_mounted() -> None:
    here = api.get_openapi_schema()["paths"]
    set_script_prefix("/calls/")
    try:
        below = api.get_openapi_schema()["paths"]
    finally:
        clear_script_prefix()

    assert list(below) == [f"/calls{path}" for path in here]
