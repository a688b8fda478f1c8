"""`.graph` files: the same bytes for the same document, and any bytes a document or an error."""

from __future__ import annotations

import json
import os
import stat
import zlib
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, dumps, load, loads, save
from nodegraph.graph.files import MAGIC, MAX_BYTES, spell
from nodegraph.graph.migrate import migrate
from nodegraph.graph.plain import VERSION
from tests.graph.catalog import CATALOG
from tests.graph.strategies import graphs, plain


def sample() -> Graph:
    graph = Graph(CATALOG)
    graph.add("capture.read", name="plate", path="Größe/plate.mov", gain="=frame/100")
    graph.add("colour.grade", name="grade", tint=[1, 0.5, "=time"], position=(10, -20.5))
    graph.connect("plate", "grade")
    graph.key("grade.gain", 1, 0.25, "linear")
    graph.key("grade.gain", 10, 1.0)
    group = graph.add("flow.group", name="group").graph
    assert group is not None
    group.add("merge.merge", name="over", operation="plus")
    graph.expose("group", "mix", "over.mix")
    graph.set("group.mix", 0.5)
    graph.set_note("todo", text="line\nbreak \u2028", at=[1, 2])
    graph.configure(rate="24000/1001")
    return graph


@settings(max_examples=80, deadline=None)
@given(graphs())
def test_load_of_save_is_the_same_document_in_both_spellings(graph: Graph) -> None:
    binary, text = dumps(graph), dumps(graph, text=True)
    for data in (binary, text):
        again = loads(data, CATALOG)
        assert dumps(again) == binary
        assert dumps(again, text=True) == text


@settings(max_examples=60, deadline=None)
@given(graphs(), st.dictionaries(st.text(max_size=8), plain, max_size=3))
def test_without_any_types_all_is_kept(graph: Graph, fields: dict[str, Any]) -> None:
    """Somebody who lacks every pack, with a future's fields in the file, loses nothing."""
    data = migrate(json.loads(dumps(graph, text=True)))
    known = {"nodegraph", "nodes", "wires", "settings", "notes", "backdrops"}
    data |= {name: value for name, value in fields.items() if name not in known}
    for node in data.get("nodes", {}).values():
        node["future"] = fields
    for text in (True, False):
        written = spell(data, text=text)
        assert dumps(loads(written, {}), text=text) == written
        assert dumps(loads(written, CATALOG), text=text) == written


def test_the_text_spelling_is_one_fact_a_line() -> None:
    text = dumps(sample(), text=True).decode()
    assert text.endswith("}\n")
    assert '\n    "path": "Größe/plate.mov"\n' in text
    assert '\n      [1, 0.25, "linear"],\n' in text
    assert '\n  "grade.source": "plate.out"\n' in text
    assert '\n "nodegraph": 1,\n' in text
    lines = text.split("\n")
    graph = sample()
    graph.set("plate.missing", "hold")
    changed = dumps(graph, text=True).decode().split("\n")
    assert len(set(changed) - set(lines)) == 1


def test_msgpack_is_readable_by_others() -> None:
    name, document, checksum = msgpack.unpackb(dumps(sample()))
    assert name == "nodegraph" and document["nodes"]["plate"]["type"] == "nodegraph.capture.read"
    assert checksum == zlib.crc32(dumps(sample())[:-5])


@pytest.mark.parametrize("text", [True, False])
def test_a_file_cut_anywhere_or_flipped_is_an_error_or_a_document(text: bool) -> None:
    data = dumps(sample(), text=text)
    for length in range(len(data) - 1):  # without its last newline a text is still whole
        with pytest.raises(DocumentError, match=r"^a\.graph: "):
            loads(data[:length], CATALOG, where="a.graph")
    for at in range(0, len(data), 3):
        for bit in (1, 16, 128):
            damaged = bytearray(data)
            damaged[at] ^= bit
            if text:
                _survives(bytes(damaged))
            else:
                with pytest.raises(DocumentError):
                    loads(bytes(damaged), CATALOG)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: ("{" + t).encode("utf-8", "replace")))
def test_any_bytes_are_an_error_or_a_document(data: bytes) -> None:
    _survives(data)
    _survives(_sealed(data))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_with_a_right_checksum_is_an_error_or_a_document(data: st.DataObject) -> None:
    """The parser itself must hold: an attacker computes checksums."""
    body = bytearray(dumps(sample())[len(MAGIC) : -5])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    _survives(_sealed(bytes(body)))


@settings(max_examples=150, deadline=None)
@given(st.data(), plain)
def test_any_field_may_hold_anything(data: st.DataObject, value: Any) -> None:
    """One fact of a good document replaced by arbitrary plain data."""
    document = json.loads(dumps(sample(), text=True))
    place: Any = document
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.integers(0, 3)) == 0:
            place[key] = value
            break
        place = inner
    _survives(json.dumps(document).encode("utf-8", "replace"))


def _sealed(body: bytes) -> bytes:
    head = MAGIC + body
    return head + b"\xce" + zlib.crc32(head).to_bytes(4, "big")


def _survives(data: bytes) -> None:
    try:
        graph = loads(data, CATALOG, where="a.graph")
    except DocumentError as error:
        assert error.where == "a.graph"
    else:
        again = loads(dumps(graph), CATALOG)
        assert dumps(again, text=True) == dumps(graph, text=True)
        graph.problems()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\0\0", "isn't a nodegraph document"),
        (b"\x89PNG\r\n", "isn't a nodegraph document"),
        (b"{}", "isn't a nodegraph document"),
        (b'{"nodegraph": true}', "isn't a nodegraph document"),
        (b'{"nodegraph": 99}', "was saved by a newer nodegraph (form 99"),
        (b'{"nodegraph": 1', "at line 1 (restore it"),
        (b'{"nodegraph": 1,\n<<<<<<< ours\n}', "at line 2 (finish the merge)"),
        (b'{"nodegraph": 1, "a": NaN}', "a number that isn't finite"),
        (b'{"nodegraph": 1, "a": 1e999}', "a number that isn't finite"),
        (b'{"nodegraph": 1, "a": -Infinity}', "a number that isn't finite"),
        (b'{"nodegraph": 1, "a": ' + b"9" * 30 + b"}", "a number beyond 64 bits"),
        (b'{"nodegraph": 1, "a": ' + b"9" * 9999 + b"}", "can't be read"),
        (b'{"nodegraph": 1, "a": "\\ud800"}', "text that isn't valid Unicode"),
        (b'{"nodegraph": 1, "a": "\xff"}', "isn't UTF-8 at byte 23"),
        (b'{"nodegraph": 1, "a": 1, "a": 2}', "the field 'a' is there twice"),
        (b'{"nodegraph": 1, "a": ' + b"[" * 200 + b"]" * 200 + b"}", "nested too deep"),
        (b'{"nodegraph": 1, "a": ' + b"[" * 200000, "can't be read"),
        (b'{"nodegraph": 1, "nodes": {"a b": {"type": "x"}}}', "'a b' can't be a node's name"),
        (b'{"nodegraph": 1, "nodes": {"a": {}}}', "a: has no node type"),
        (
            b'{"nodegraph": 1, "nodes": {"a": {"type": "x"}}, "wires": {"a.i": "b.out"}}',
            "a.i: there is no node 'b'",
        ),
        (b'{"nodegraph": 1, "nodes": {"a": {"type": "x"}}, "wires": {"a.i": "a.out"}}', "a: is in a cycle"),
        (b'{"nodegraph": 1, "settings": {"width": -1}}', "'width' wants a whole number of pixels"),
        (_sealed(b"\xdd\xff\xff\xff\xff"), "can't be read as msgpack"),
        (_sealed(b"\x91" * 3000 + b"\x90"), "can't be read as msgpack"),
        (_sealed(b"\x81\x01\x02"), "can't be read as msgpack"),
        (_sealed(b"\xc7\x01\x05a"), "can't be read as msgpack"),
        (_sealed(b"\x82\xa9nodegraph\x01\xa1a\xc4\x01x"), "a bytes, which no file can hold"),
    ],
)
def test_wrong_files_say_what_is_wrong(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(data, CATALOG, where="a.graph")
    assert said in str(caught.value)
    assert str(caught.value).startswith("a.graph: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("params", {"gain": 1000}), "parameter 'gain' is out of range: 1000"),
        (("params", {"gian": 1}), "grade: has no parameter 'gian' (did you mean gain"),
        (("params", {"gain": {"expression": "__import__('os')"}}), "has no function '__import__'"),
        (("params", {"gain": {"animation": [[1, 2, "cubic"]]}}), "no interpolation 'cubic'"),
        (("params", {"gain": {"animation": [[1, None, "smooth"]]}}), "value must be a finite number"),
        (("params", {"gain": {"other": 1}}), "grade: wants a value"),
        (("position", [1]), "grade: wants a position"),
        (("bypass", 1), "grade: 'bypass' wants bool"),
    ],
)
def test_wrong_facts_are_refused_by_name(change: tuple[str, Any], said: str) -> None:
    document = json.loads(dumps(sample(), text=True))
    document["nodes"]["grade"][change[0]] = change[1]
    with pytest.raises(DocumentError) as caught:
        loads(spell(document, text=False), CATALOG)
    assert said in str(caught.value)


def test_another_version_of_a_type_keeps_what_is_unknown() -> None:
    document = json.loads(dumps(sample(), text=True))
    grade = document["nodes"]["grade"]
    grade["version"] = 3
    document["nodes"]["plate"]["version"] = 7
    grade["params"]["sparkle"] = {"expression": "plate.gain"}
    document["wires"]["grade.depth"] = "plate.z"
    written = spell(document, text=True)
    graph = loads(written, CATALOG)
    assert dumps(graph, text=True) == written
    said = " | ".join(str(p) for p in graph.problems())
    assert "parameter 'sparkle' of version 3 is unknown" in said
    assert "input 'depth' of version 3 is unknown" in said and "output 'z'" in said
    graph.rename("plate", "p")
    assert b'"expression": "p.gain"' in dumps(graph, text=True)


def test_a_missing_type_is_named_and_its_wires_move() -> None:
    graph = loads(dumps(sample()), {id: s for id, s in CATALOG.items() if "grade" not in id})
    assert "grade: node type 'nodegraph.colour.grade' is missing" in str(graph.problems()[0])
    graph.rename("plate", "p")
    assert graph.wires["grade", "source"] == ("p", "out")


def test_older_forms_are_migrated() -> None:
    """Two forms that never were, to show the table at work: nodes were once a list."""
    table = {
        1: lambda d: {**d, "nodes": {n["name"]: n for n in d["nodes"]}},
        2: lambda d: {**d, "nodes": {k: {"type": n["kind"]} for k, n in d["nodes"].items()}},
    }
    old = {"nodegraph": 1, "nodes": [{"name": "a", "kind": "x"}]}
    assert migrate(old, table, 3) == {"nodegraph": 3, "nodes": {"a": {"type": "x"}}}
    assert migrate({"nodegraph": 3}, table, 3) == {"nodegraph": 3}
    with pytest.raises(DocumentError, match="has form 1, which nothing here reads"):
        migrate(old, {}, 3)
    assert VERSION == 1


# -- on disk


def test_the_spelling_of_a_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    save(sample(), path)
    assert path.read_bytes()[: len(MAGIC)] == MAGIC
    save(sample(), path, text=True)
    assert path.read_bytes()[:1] == b"{"
    save(sample(), path)
    assert path.read_bytes()[:1] == b"{"
    assert dumps(load(path, CATALOG)) == dumps(sample())
    save(sample(), tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == path.read_bytes()


def test_a_save_keeps_permissions_and_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.graph", tmp_path / "link.graph"
    save(sample(), real)
    real.chmod(0o640)
    link.symlink_to(real)
    graph = sample()
    graph.remove("grade")
    save(graph, link)
    assert link.is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o640
    assert dumps(load(real, CATALOG)) == dumps(graph)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.graph", "real.graph"]


@pytest.mark.parametrize("broken", ["write", "fsync", "replace"])
def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    path = tmp_path / "a.graph"
    before = save(sample(), path)
    graph = sample()
    graph.remove("grade")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    if broken == "write":
        path_class = type(tmp_path)
        monkeypatch.setattr(path_class, "with_name", lambda self, name: Path("/dev/full"))
        monkeypatch.setattr(path_class, "unlink", lambda self, missing_ok=False: None)
    else:
        monkeypatch.setattr(os, broken, full)
    with pytest.raises(DocumentError, match=r"can't be saved: No space left on device \(save it elsewhere"):
        save(graph, path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.graph"]


def test_wrong_paths(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="there is no such file"):
        load(tmp_path / "none.graph", CATALOG)
    with pytest.raises(DocumentError, match="is a folder"):
        load(tmp_path, CATALOG)
    with pytest.raises(DocumentError, match="can't be saved: it is a folder"):
        save(sample(), tmp_path)
    with pytest.raises(DocumentError, match="can't be saved"):
        save(sample(), tmp_path / "no" / "a.graph")
    with pytest.raises(DocumentError):
        load(tmp_path / "a\0b", CATALOG)
    huge = tmp_path / "huge.graph"
    with open(huge, "wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="is larger than 64 MiB"):
        load(huge, CATALOG)
