"""Configs of old and new flows are read; unusable ones are refused with the property and the reason."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from python_worker.nodes.base import ConfigError, Context, Node
from python_worker.nodes.config import Config
from python_worker.nodes.fields import parse
from python_worker.nodes.plate_recognizer.node import regions_of
from python_worker.nodes.registry import NODE_TYPES
from python_worker.nodes.service import token_of
from python_worker.services import Services

SEED = {
    "name": "",
    "inputField": "payload",
    "inputFieldType": "msg",
    "outputField": "recognition",
    "outputFieldType": "msg",
    "url": "",
    "ignoreDuring": False,
    "makeAndModel": False,
    "statusText": "scores",
    "cameraId": "",
    "regionFilter": False,
    "timestamp": False,
    "regionList": "",
    "regionListType": "json",
}


def read(kind: str, config: dict[str, Any], credentials: dict[str, str | None] | None = None) -> Config:
    return Config(NODE_TYPES[kind].schema, config, credentials or {})


def recognizer(config: dict[str, Any], credentials: dict[str, str | None] | None = None) -> Config:
    return read("plate-recognizer", config, credentials)


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    services = Services()
    yield services
    await services.close()


def made(services: Services, kind: str, config: dict[str, Any], credentials: dict[str, str | None]) -> Node:
    return NODE_TYPES[kind].make(read(kind, config, credentials), Context("n1", services))


def test_a_flow_of_the_seed_document_keeps_its_meaning() -> None:
    config = recognizer(SEED)
    assert (config.expression("outputField"), config.choice("statusText")) == (parse("recognition"), "scores")
    switches = ("ignoreDuring", "timestamp", "makeAndModel", "separateMsg")
    assert not any(config.switch(name) for name in switches)
    assert (config.text("url"), token_of(config), regions_of(config), config.text("cameraId")) == ("", "", (), "")


def test_what_a_flow_does_not_have_gets_its_default() -> None:
    config = recognizer({})
    assert config.expression("inputField") == config.expression("outputField") == parse("payload")
    assert [config.switch(name) for name in ("ignoreDuring", "timestamp", "shrink", "separateMsg")] == [True] * 3 + [
        False
    ]
    assert (config.choice("statusText"), config.choice("cameraIdType")) == ("count", "str")
    assert (config.number("timeout"), config.whole("tries")) == (30, 3)


def test_substituted_texts_and_empty_fields_are_understood() -> None:
    config = recognizer(
        {
            "timeout": "12.5",
            "tries": "",
            "timestamp": "false",
            "cameraId": 7,
            "regionFilter": "true",
            "regionList": ["gb"],
        },
        {"apiToken": " secret\n"},
    )
    assert (config.number("timeout"), config.whole("tries"), config.switch("timestamp")) == (12.5, 3, False)
    assert (config.text("cameraId"), regions_of(config), token_of(config)) == ("7", ("gb",), "secret")


def test_region_codes_are_read_from_json() -> None:
    assert regions_of(recognizer({"regionFilter": True, "regionList": '["gb", " us-ca "]'})) == ("gb", "us-ca")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"regionFilter": True, "regionList": "gb"}, "regionList is not JSON"),
        ({"regionFilter": True, "regionList": '[""]'}, "regionList must be a list of region codes"),
        ({"regionFilter": True, "regionList": "null"}, "regionList must be a list of region codes"),
        ({"regionFilter": True, "regionList": "[1]"}, "regionList must be a list of region codes"),
        ({"regionFilter": True, "regionList": '{"a": 1}'}, "regionList must be a list of region codes"),
        ({"statusText": "all"}, "statusText must be none, count, plates or scores"),
        ({"timeout": "soon"}, "timeout must be a number"),
        ({"timeout": 0}, "timeout must be between"),
        ({"tries": 11}, "tries must be between 1 and 10"),
        ({"ignoreDuring": "perhaps"}, "ignoreDuring must be true or false"),
        ({"inputField": "a..b"}, "inputField is not a property of a message"),
        ({"outputField": "[0]"}, "outputField is not a property of a message"),
        ({"inputFieldType": "flow"}, "inputFieldType must be msg"),
        ({"url": 5}, "url must be a text"),
    ],
)
async def test_an_unusable_config_is_refused(services: Services, config: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        made(services, "plate-recognizer", config, {})


def test_a_statistics_config_has_defaults_and_is_checked() -> None:
    assert read("plate-statistics", {}).number("timeout") == 30
    with pytest.raises(ConfigError, match="timeout must be a number"):
        read("plate-statistics", {"timeout": "x"})


def test_what_the_chosen_service_does_not_use_is_not_looked_at() -> None:
    config = recognizer({"url": "embedded:", "timeout": "soon", "tries": 900, "shrink": "perhaps"})
    assert (config.number("timeout"), config.whole("tries"), config.switch("shrink")) == (30, 3, True)


@pytest.mark.parametrize("empty", ["[]", "[ ]", "", "  ", [], None])
def test_a_region_filter_without_regions_reads_without_them_as_before(empty: Any) -> None:
    assert regions_of(recognizer({"regionFilter": True, "regionList": empty})) == ()


@pytest.mark.parametrize(
    ("config", "credentials", "reason"),
    [
        ({"url": "${PLATES_URL}"}, {}, "url is ${PLATES_URL}, but there is no environment variable PLATES_URL"),
        ({"cameraId": "$(GATE)"}, {}, "cameraId is $(GATE), but there is no environment variable GATE"),
        ({"timeout": "${SECONDS}"}, {}, "there is no environment variable SECONDS"),
        ({"regionFilter": True, "regionList": "${REGIONS}"}, {}, "there is no environment variable REGIONS"),
        (
            {},
            {"apiToken": " ${PLATES_TOKEN} "},
            "the API token is ${PLATES_TOKEN}, but there is no environment variable",
        ),
    ],
)
def test_a_variable_that_node_red_does_not_know_is_named(
    config: dict[str, Any], credentials: dict[str, str | None], reason: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(reason)):
        recognizer(config, credentials)


def test_a_variable_that_nothing_uses_is_not_missed() -> None:
    assert regions_of(recognizer({"regionFilter": False, "regionList": "${REGIONS}", "name": "${NAME}"})) == ()


@pytest.mark.parametrize("token", ["Token 0123", "01\n23", "schlüssel", "\x00"])
def test_a_token_that_no_request_can_carry_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(ConfigError, match="the API token has") as refused:
        token_of(recognizer({}, {"apiToken": token}))
    assert token not in str(refused.value)


def test_a_token_that_the_embedded_engine_does_not_need_is_not_looked_at() -> None:
    assert token_of(recognizer({"url": "embedded:"}, {"apiToken": "${PLATES_TOKEN}"})) == ""


def test_a_token_in_the_flow_itself_is_not_one() -> None:
    assert token_of(recognizer({"apiToken": "secret"})) == ""
