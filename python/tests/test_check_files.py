"""Check files, lint, and where the time goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import skyspan
from skyspan import check_file, checks, lint, one, span

CHECKS = """
- name: the bank is quick
  spans: '{ name = "ask bank" }'
  each: {duration: ..=15 ms}
- spans: '{ status = error }'
  count: 1
"""


def test_a_check_file_is_an_expectation(shop: skyspan.Trace, tmp_path: Path) -> None:
    path = tmp_path / "shop.check.yaml"
    path.write_text(CHECKS)
    shop.expect(check_file(path), checks(CHECKS), one(span("order")))
    assert repr(checks("- spans: '{}'\n  count: 5")) == "checks(\"- spans: '{}'\\n  count: 5\")"
    path.write_text(CHECKS.replace("..=15 ms", "..=14 ms"))
    with pytest.raises(AssertionError) as error:
        shop.expect(check_file(path))
    assert "duration: expected at most 14 ms, found 15 ms" in str(error.value)


def test_a_check_file_that_is_none_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "wrong.check.yaml"
    path.write_text("- exit_status: sucess\n")
    with pytest.raises(ValueError, match="wrong.check.yaml:1:16: expected an exit status.*did you mean `success`"):
        check_file(path)
    with pytest.raises(ValueError, match="1:1: expected a list of expectations"):
        checks("exit_status: success\n")
    with pytest.raises(FileNotFoundError) as error:
        check_file(tmp_path / "none.yaml")
    assert error.value.filename == str(tmp_path / "none.yaml")


def test_what_is_blessed_holds(shop: skyspan.Trace) -> None:
    ended = shop.ended()
    for text in [ended.bless(), ended.bless(times=0.2), ended.bless(times=0, exact=True)]:
        ended.expect(checks(text))
    assert "ms\n" not in ended.bless() and "100 ms" in ended.bless(times=0.2)
    with pytest.raises(ValueError, match="expected the part of 1"):
        shop.bless(times=-1)


def test_rules_that_are_broken_are_told(shop: skyspan.Trace) -> None:
    broken = {finding["rule"]["name"] for finding in shop.lint()}
    assert "unended" in broken
    assert shop.check(lint()) is not None
    shop.expect(lint(without=sorted(broken)))
    with pytest.raises(ValueError, match='no rule is called "unendedd"; did you mean "unended"'):
        lint(without=["unendedd"])
    wrong: Any = "bad"
    with pytest.raises(ValueError, match='expected "error", "warning" or "info"'):
        lint(deny=wrong)


def test_where_the_time_goes_is_told(shop: skyspan.Trace) -> None:
    statistics = shop.statistics()
    assert "charge" in str(statistics)
    assert statistics.to_dict()["version"] == 1
    assert "internal" not in str(shop.statistics("customer"))
