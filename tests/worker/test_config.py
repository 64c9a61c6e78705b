"""Configs of old and new flows are read; unusable ones are refused with the property and the reason."""

from __future__ import annotations

import re
from typing import Any

import pytest

from python_worker.nodes.base import ConfigError
from python_worker.nodes.config import recognizer_config, statistics_config
from python_worker.nodes.fields import parse

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


def test_a_flow_of_the_seed_document_keeps_its_meaning() -> None:
    config = recognizer_config(SEED, {})
    assert (config.output_field, config.status_text) == (parse("recognition"), "scores")
    assert not (config.ignore_during or config.timestamp or config.mmc or config.separate)
    assert (config.url, config.token, config.regions, config.camera_id) == ("", "", (), "")


def test_what_a_flow_does_not_have_gets_its_default() -> None:
    config = recognizer_config({}, {})
    assert config.input_field == config.output_field == parse("payload")
    assert config.ignore_during
    assert config.timestamp
    assert config.shrink
    assert not config.separate
    assert (config.status_text, config.camera_id_type, config.timeout, config.tries) == ("count", "str", 30, 3)


def test_substituted_texts_and_empty_fields_are_understood() -> None:
    config = recognizer_config(
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
    assert (config.timeout, config.tries, config.timestamp, config.camera_id) == (12.5, 3, False, "7")
    assert (config.regions, config.token) == (("gb",), "secret")


def test_region_codes_are_read_from_json() -> None:
    config = recognizer_config({"regionFilter": True, "regionList": '["gb", " us-ca "]'}, {})
    assert config.regions == ("gb", "us-ca")


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
def test_an_unusable_config_is_refused(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        recognizer_config(config, {})


def test_a_statistics_config_has_defaults_and_is_checked() -> None:
    assert statistics_config({}, {}).timeout == 30
    with pytest.raises(ConfigError, match="timeout must be a number"):
        statistics_config({"timeout": "x"}, {})


@pytest.mark.parametrize("empty", ["[]", "[ ]", "", "  ", [], None])
def test_a_region_filter_without_regions_reads_without_them_as_before(empty: Any) -> None:
    assert recognizer_config({"regionFilter": True, "regionList": empty}, {}).regions == ()


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
    config: dict[str, Any], credentials: dict[str, str], reason: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(reason)):
        recognizer_config(config, credentials)


def test_a_variable_that_nothing_uses_is_not_missed() -> None:
    assert recognizer_config({"regionFilter": False, "regionList": "${REGIONS}", "name": "${NAME}"}, {}).regions == ()


@pytest.mark.parametrize("token", ["Token 0123", "01\n23", "schlüssel", "\x00"])
def test_a_token_that_no_request_can_carry_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(ConfigError, match="the API token has") as refused:
        recognizer_config({}, {"apiToken": token})
    assert token not in str(refused.value)


def test_a_token_that_the_embedded_engine_does_not_need_is_not_looked_at() -> None:
    assert recognizer_config({"url": "embedded:"}, {"apiToken": "${PLATES_TOKEN}"}).token == ""
