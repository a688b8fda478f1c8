"""The message list: repeats fold, what was mended is marked, and each line knows its node."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from nodegraph.editor.messages import Message, Messages
from nodegraph.errors import CookError, DocumentError, MediaError


@pytest.fixture
def messages() -> Messages:
    """With a clock that ticks 1, 2, 3 at every message."""
    ticks: Iterator[int] = count(1)
    return Messages(clock=lambda: float(next(ticks)))


def texts(found: list[Message]) -> list[str]:
    return [message.text for message in found]


def test_an_error_keeps_its_text_hint_node_and_time(messages: Messages) -> None:
    made = messages.post(CookError("is damaged", where="plate", hint="render it again"), "plate")
    assert made == Message("error", "is damaged", "plate", "render it again", 1.0)
    assert messages.lines() == [made]


def test_a_place_that_isnt_the_node_is_said(messages: Messages) -> None:
    error = MediaError("there is no such file", where="/plates/a.exr")
    error.at("plate")
    assert messages.post(error, "plate").text == "/plates/a.exr: there is no such file"
    assert messages.post(DocumentError("wants a number", where="plate.offset"), "plate").text == (
        "plate.offset: wants a number"
    )
    assert messages.post(DocumentError("is too old")).text == "is too old"


def test_plain_text_may_be_of_any_severity(messages: Messages) -> None:
    messages.post("rendered", severity="info")
    messages.post("the disk is nearly full", severity="warning")
    messages.post("the disk is full")
    assert [(m.severity, m.node) for m in messages.lines()] == [("error", ""), ("warning", ""), ("info", "")]
    assert texts(messages.lines("warning")) == ["the disk is nearly full"]


def test_the_newest_comes_first(messages: Messages) -> None:
    for text in "abc":
        messages.post(text)
    assert texts(messages.lines()) == ["c", "b", "a"]


def test_repeats_are_one_line_with_a_count_and_the_last_time(messages: Messages) -> None:
    for text in ("missing", "other", "missing", "missing"):
        messages.post(text, "plate")
    first, second = messages.lines()
    assert (first.text, first.count, first.when) == ("missing", 3, 4.0)
    assert (second.text, second.count) == ("other", 1)


def test_the_same_text_of_another_node_or_severity_isnt_a_repeat(messages: Messages) -> None:
    messages.post("missing", "a")
    messages.post("missing", "b")
    messages.post("missing", "b", severity="warning")
    assert [m.count for m in messages.lines()] == [1, 1, 1]


def test_a_node_that_cooks_again_has_no_errors(messages: Messages) -> None:
    messages.post("bad frame", "plate")
    messages.post("slow disk", "plate", severity="warning")
    messages.post("bad matte", "key")
    messages.resolve("plate")
    assert texts(messages.for_node("plate")) == ["slow disk"]
    assert texts(messages.for_node("key")) == ["bad matte"]
    assert messages.errors == 1
    assert [m.text for m in messages.lines() if m.gone] == ["bad frame"]  # it stays in the list


def test_an_error_that_comes_back_isnt_gone_any_more(messages: Messages) -> None:
    messages.post("bad frame", "plate")
    messages.resolve("plate")
    messages.post("bad frame", "plate")
    assert [(m.count, m.gone) for m in messages.for_node("plate")] == [(2, False)]
    assert messages.errors == 1


def test_messages_follow_a_renamed_node_and_what_is_inside_it(messages: Messages) -> None:
    for node in ("key", "key/spill", "keyer"):
        messages.post("bad", node)
    messages.read()
    messages.post("worse", "key")
    messages.renamed("key", "matte")
    assert [m.node for m in messages.lines()] == ["matte", "keyer", "matte/spill", "matte"]
    assert messages.unread == 1
    messages.resolve("matte")
    assert messages.for_node("matte") == []


def test_unread_are_errors_and_a_repeat_is_one(messages: Messages) -> None:
    messages.post("note", severity="info")
    assert messages.unread == 0
    for _ in range(24):
        messages.post("bad frame", "plate")
    messages.post("bad matte", "key")
    assert messages.unread == 2
    messages.read()
    assert messages.unread == 0
    messages.post("bad frame", "plate")
    assert messages.unread == 1


def test_the_oldest_go_when_there_are_too_many(messages: Messages) -> None:
    for number in range(510):
        messages.post(f"error {number}")
    found = messages.lines()
    assert (len(found), found[0].text, found[-1].text) == (500, "error 509", "error 10")
    assert messages.unread == 500


def test_clear_leaves_nothing(messages: Messages) -> None:
    messages.post("bad", "plate")
    messages.clear()
    assert (messages.lines(), messages.unread, messages.errors, messages.for_node("plate")) == ([], 0, 0, [])


def test_the_revision_grows_only_when_something_changes(messages: Messages) -> None:
    messages.post("bad", "plate")
    before = messages.revision
    messages.resolve("key")
    messages.renamed("key", "matte")
    assert messages.revision == before
    messages.resolve("plate")
    assert messages.revision > before
    before = messages.revision
    messages.resolve("plate")
    assert messages.revision == before
    messages.clear()
    assert messages.revision > before
