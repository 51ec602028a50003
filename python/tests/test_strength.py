"""How much of what may go wrong a test would notice."""

from __future__ import annotations

from typing import Any

import pytest

import skyspan
from skyspan import glob, one, span


def test_kinds_of_mutants_are_chosen(shop: skyspan.Trace) -> None:
    order = one(span("order", customer="ada"))
    every_kind = shop.strength(order)
    assert every_kind.possible == every_kind.made > 50
    assert sum(noticed for noticed, _ in every_kind.kinds.values()) == every_kind.noticed
    dropped = shop.strength(order, only=["dropped", "renamed"])
    assert set(dropped.kinds) == {"dropped", "renamed"} and dropped.made < every_kind.made
    assert "dropped" not in shop.strength(order, without=["dropped"]).kinds
    assert dropped.to_dict()["kinds"]["dropped"]["made"] == dropped.kinds["dropped"][1]


def test_attributes_that_matter_are_chosen(shop: skyspan.Trace) -> None:
    order = one(span("order", customer="ada"))
    of_customer = shop.strength(order, only=["changed"], only_keys=["customer"])
    assert (of_customer.made, of_customer.share) == (1, 1.0)
    assert shop.strength(order, only=["changed"], without_keys=[glob("*")]).made == 0
    assert shop.strength(order, only=["changed"], only_keys=[]).made == 0
    assert shop.strength(order, only=["changed"], without_keys=["customer"]).noticed == 0


def test_a_sample_is_one_of_the_seed(shop: skyspan.Trace) -> None:
    order = one(span("order"))
    sample = shop.strength(order, at_most=20)
    assert sample.made == 20 < sample.possible and "these are a sample of" in str(sample)
    assert sample.to_dict() == shop.strength(order, at_most=20).to_dict()
    assert any(shop.strength(order, at_most=20, seed=seed).to_dict() != sample.to_dict() for seed in range(1, 6))


def test_what_is_no_kind_is_told(shop: skyspan.Trace) -> None:
    wrong: Any = ["droped"]
    for word in ("only", "without"):
        with pytest.raises(ValueError, match='"droped" is no kind of mutants; did you mean "dropped"\\?; there are dropped, dup'):
            shop.strength(one(span("order")), **{word: wrong})
    with pytest.raises(AssertionError, match="the expectation must accept the trace"):
        shop.strength(one(span("pack")))
