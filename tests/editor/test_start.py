"""The start page's offers, and the documents they become."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nodegraph.editor.geometry import Geometry
from nodegraph.editor.preferences import Preferences
from nodegraph.editor.start import (
    Card,
    cards,
    open_card,
    recent,
    samples,
    show_templates,
    starters,
    template_document,
)
from nodegraph.editor.thumbnails import remember
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, save
from nodegraph.packs import registry

CATALOG = registry().catalog


def graph_file(path: Path, node: str = "plate") -> Path:
    graph = Graph(CATALOG)
    graph.add("capture.read", name=node, path="plates/a.mov")
    path.parent.mkdir(parents=True, exist_ok=True)
    save(graph, path)
    return path


def starter(title: str) -> Card:
    return next(card for card in starters() if card.title == title)


# -- recent files


def test_recent_graphs_come_newest_first_with_folder_time_and_picture(tmp_path: Path) -> None:
    first, second = graph_file(tmp_path / "one" / "a.graph"), graph_file(tmp_path / "two" / "b.graph")
    os.utime(first, (1000, 1000))
    remember(first, np.full((9, 16, 4), 255, np.uint8), tmp_path / "thumbnails")
    preferences = Preferences()
    preferences.add_recent(first)
    preferences.add_recent(second)
    b, a = recent(preferences, tmp_path / "thumbnails")
    assert (b.title, a.title) == ("b", "a")
    assert (a.kind, a.subtitle, a.path, a.when) == ("recent", str(tmp_path / "one"), str(first), 1000)
    assert a.picture is not None and a.picture.shape == (9, 16, 3)
    assert b.picture is None


def test_recent_graphs_that_are_gone_are_left_out(tmp_path: Path) -> None:
    file = graph_file(tmp_path / "a.graph")
    preferences = Preferences(recent=[str(tmp_path / "gone.graph"), "nul\0byte", str(file)])
    assert [card.title for card in recent(preferences, tmp_path)] == ["a"]


def test_the_home_folder_is_written_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    files = [
        graph_file(tmp_path / "a.graph"),
        graph_file(tmp_path / "shots" / "b.graph"),
        graph_file(tmp_path.with_name(tmp_path.name + "2") / "c.graph"),
    ]
    found = [card.subtitle for card in recent(Preferences(recent=[str(f) for f in files]), tmp_path)]
    assert found == ["~", f"~{os.sep}shots", str(files[2].parent)]


def test_a_recent_graph_is_opened_where_it_lies(tmp_path: Path) -> None:
    file = graph_file(tmp_path / "a.graph")
    document, path = open_card(recent(Preferences(recent=[str(file)]), tmp_path)[0], CATALOG)
    assert path == str(file)
    assert document.folder == str(tmp_path)
    assert "plate" in document.nodes


def test_a_graph_that_vanished_or_is_damaged_says_so(tmp_path: Path) -> None:
    file = graph_file(tmp_path / "a.graph")
    card = recent(Preferences(recent=[str(file)]), tmp_path)[0]
    file.write_bytes(b"\x93\xa9nodegraph, cut")
    with pytest.raises(DocumentError, match="damaged"):
        open_card(card, CATALOG)
    file.unlink()
    with pytest.raises(DocumentError, match="no such file"):
        open_card(card, CATALOG)


# -- templates of the show


def test_the_shows_templates_become_untitled_documents(tmp_path: Path) -> None:
    graph_file(tmp_path / "show" / "b_comp.graph")
    graph_file(tmp_path / "show" / "A key.graph")
    graph_file(tmp_path / "show" / ".hidden.graph")
    (tmp_path / "show" / "notes.txt").write_text("no graph")
    (tmp_path / "show" / "folder.graph").mkdir()
    found = show_templates(Preferences(templates=str(tmp_path / "show")))
    assert [(card.title, card.subtitle, card.kind) for card in found] == [
        ("A key", "show", "show"),
        ("b comp", "show", "show"),
    ]
    document, path = open_card(found[0], CATALOG)
    assert (path, document.folder) == ("", "")
    assert document.node("plate").params["path"] == "plates/a.mov"
    assert not document.undo()


@pytest.mark.parametrize("folder", ["", "/no/such/folder", "nul\0byte"])
def test_without_a_template_folder_there_are_none(folder: str) -> None:
    assert show_templates(Preferences(templates=folder)) == []


def test_the_template_folder_may_be_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    graph_file(tmp_path / "templates" / "a.graph")
    assert [card.title for card in show_templates(Preferences(templates="~/templates"))] == ["a"]


# -- starters


@pytest.mark.parametrize("card", starters(), ids=lambda card: card.title)
def test_a_starter_is_whole_and_has_nothing_to_undo(card: Card) -> None:
    document, path = open_card(card, CATALOG)
    assert (path, document.folder) == ("", "")
    assert document.problems() == []
    assert not document.undo()
    for node in document.nodes.values():
        schema = CATALOG[node.type]
        wired = document.inputs(node.name)
        assert all(port.name in wired for port in schema.inputs if not port.optional), node.name


@pytest.mark.parametrize("card", starters(), ids=lambda card: card.title)
def test_a_starters_nodes_lie_apart_and_its_wires_run_to_the_right(card: Card) -> None:
    geometry = Geometry(template_document(card, CATALOG))
    boxes = list(geometry.boxes.values())
    assert not any(a.rect.meets(b.rect) for k, a in enumerate(boxes) for b in boxes[:k])
    assert all(wire.source.x < wire.target.x for wire in geometry.wires.values())


def test_the_green_screen_starter_lays_the_key_over_the_background() -> None:
    document = template_document(starter("Green screen comp"), CATALOG)
    assert {f"{node}.{port}": source for (node, port), (source, _) in document.wires.items()} == {
        "key.image": "plate",
        "over.fg": "key",
        "over.bg": "background",
        "grade.image": "over",
        "write.image": "grade",
    }


def test_the_blank_starter_is_hd_at_film_rate() -> None:
    document = template_document(starter("Blank"), CATALOG)
    assert document.nodes == {}
    assert (document.settings["width"], document.settings["height"], document.settings["rate"]) == (1920, 1080, "24")


def test_two_documents_of_one_starter_are_independent() -> None:
    a, b = (template_document(starter("Colour grade"), CATALOG) for _ in range(2))
    a.remove("grade")
    assert "grade" in b.nodes


def test_a_starter_whose_nodes_are_missing_says_which() -> None:
    with pytest.raises(DocumentError, match=r"capture\.read"):
        template_document(starter("Colour grade"), {})


def test_a_starter_of_another_version_is_refused() -> None:
    with pytest.raises(DocumentError, match="no such starter"):
        open_card(Card("starter", "Gone", ""), CATALOG)


# -- samples


def test_the_repositorys_samples_are_offered_and_open() -> None:
    found = {card.title: card for card in samples()}
    document, path = open_card(found["Green screen demo"], CATALOG)
    assert Path(path).name == "comp.graph"
    assert document.folder == str(Path(path).parent)
    assert document.problems() == []


def test_samples_without_their_clip_say_how_it_is_made(tmp_path: Path) -> None:
    graph_file(tmp_path / "key.graph")
    assert "nodegraph samples --build" in samples(folder=tmp_path)[0].problem
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "sample.json").write_text("{}")
    assert samples(folder=tmp_path)[0].problem == ""


def test_an_installed_package_has_no_samples(tmp_path: Path) -> None:
    assert samples(folder=tmp_path / "samples") == []


def test_a_sample_may_be_taken_as_a_template(tmp_path: Path) -> None:
    graph_file(tmp_path / "mine.graph")
    card = samples(folder=tmp_path)[0]
    assert (card.title, card.untitled) == ("mine", False)
    assert template_document(card, CATALOG).folder == ""


# -- the page


def test_the_page_has_all_in_order(tmp_path: Path) -> None:
    file = graph_file(tmp_path / "show" / "a.graph")
    found = cards(Preferences(recent=[str(file)], templates=str(tmp_path / "show")), tmp_path)
    kinds = list(dict.fromkeys(card.kind for card in found))
    assert kinds[:3] == ["recent", "show", "starter"]
    assert all(card.path or card.kind == "starter" for card in found)
