"""What nodes show without a click: costs, what is out of date, errors, and which of them to draw anew."""

from __future__ import annotations

import time

from nodegraph.editor.badges import Badge, Badges
from nodegraph.editor.cooker import Cooked, Cost, Wish
from nodegraph.editor.dependence import above, below
from nodegraph.errors import CookError, NodegraphError
from nodegraph.graph import Expression, Graph, dumps, loads
from nodegraph.graph.groups import make_group
from nodegraph.packs import registry

CATALOG = registry().catalog


def comp() -> Graph:
    """plate > grade > over.bg > write, fg > over.fg; a lone pair other > blur."""
    graph = Graph(CATALOG)
    for name, type in (
        ("plate", "capture.read"), ("grade", "colour.grade"), ("fg", "capture.read"), ("over", "merge.merge"),
        ("write", "output.write"), ("other", "capture.read"), ("blur", "filter.blur"),
    ):  # fmt: skip
        graph.add(type, name=name)
    graph.connect("plate", "grade")
    graph.connect("grade", "over.bg")
    graph.connect("fg", "over.fg")
    graph.connect("over", "write")
    graph.connect("other", "blur")
    return graph


def grouped() -> Graph:
    """The comp, with the grade in a group "look", and a constant in there that nothing reads."""
    graph = comp()
    make_group(graph, ["grade"], "look")
    inner = graph.inside("look")
    inner.add("capture.constant", name="spare")
    return graph


def cook(badges: Badges, *nodes: str, hits: tuple[str, ...] = (), seen: str | None = None, **costs: float) -> None:
    """A cook of the last node (or `seen`) that made these, in 1 ms each unless said."""
    made = {node: Cost(costs.get(node.replace("/", "_"), 1.0), "numpy") for node in nodes}
    viewed = seen or (nodes or hits)[-1]
    badges.cooked(Cooked(Wish(1, (viewed, None)), 1.0, made=made, hits=frozenset(hits)))


def fail(badges: Badges, node: str, text: str = "is damaged", seen: str = "over") -> None:
    error: NodegraphError = CookError(text, where=node)
    badges.cooked(Cooked(Wish(1, (seen, None)), 1.0, errors={node: error}))


CHAIN = ("plate", "grade", "fg", "over")


# -- what depends on what


def test_below_are_all_that_read_a_node() -> None:
    assert set(below(comp(), "plate")) == {"plate", "grade", "over", "write"}
    assert below(comp(), "write") == ["write"]


def test_above_is_all_that_a_picture_is_made_of() -> None:
    assert above(comp(), ["over"]) == set(CHAIN)
    assert above(comp(), ["blur", "grade"]) == {"blur", "other", "grade", "plate"}


def test_groups_are_entered_and_left() -> None:
    graph = grouped()
    assert set(below(graph, "plate")) == {"plate", "look", "look/image", "look/grade", "look/out", "over", "write"}
    assert set(below(graph, "look/grade")) == {"look/grade", "look/out", "look", "over", "write"}
    assert above(graph, ["over"]) == {"plate", "fg", "look", "look/image", "look/grade", "look/out", "over"}
    assert above(graph, ["look/grade"]) == {"look/grade", "look/image", "plate"}


def test_what_leads_nowhere_in_a_group_changes_only_itself() -> None:
    assert below(grouped(), "look/spare") == ["look/spare"]


def test_a_groups_shown_parameters_are_its_inner_nodes() -> None:
    graph = grouped()
    graph.expose("look", "gain", "grade.gain")
    assert {"look/grade", "look/out", "over"} <= set(below(graph, "look"))
    assert "look/spare" not in below(graph, "look")


def test_expressions_are_followed() -> None:
    graph = comp()
    graph.set("blur.size", Expression("plate.offset + 2"))
    assert "blur" in below(graph, "plate")
    assert "blur" not in below(graph, "fg")


def test_a_node_that_is_gone_has_only_itself() -> None:
    assert below(comp(), "gone") == ["gone"]
    assert above(comp(), ["gone"]) == set()


# -- cooking


def test_a_node_that_hasnt_cooked_says_nothing() -> None:
    badges = Badges(comp())
    assert badges.of("plate") == Badge()
    assert badges.of("gone") == Badge()


def test_costs_are_shares_of_the_most_costly() -> None:
    badges = Badges(comp())
    cook(badges, *CHAIN, plate=8.0, over=2.0)
    found = badges.of("over")
    assert (found.ms, found.heat, found.tier, found.cached, found.stale) == (2.0, 0.25, "numpy", True, False)
    assert badges.of("plate").heat == 1.0


def test_a_fused_node_names_the_end_of_its_run() -> None:
    badges = Badges(comp())
    badges.cooked(Cooked(Wish(1, ("grade", None)), 1.0, made={"plate": Cost(0.0, "numba", "grade")}))
    assert badges.of("plate").fused_into == "grade"


def test_a_hit_keeps_what_the_picture_cost() -> None:
    badges = Badges(comp())
    cook(badges, "plate", plate=5.0)
    cook(badges, hits=("plate",))
    assert (badges.of("plate").ms, badges.of("plate").cached) == (5.0, True)


def test_a_node_found_in_the_cache_at_first_has_a_picture_and_no_cost() -> None:
    badges = Badges(comp())
    cook(badges, hits=("plate",))
    assert (badges.of("plate").ms, badges.of("plate").cached) == (None, True)


def test_all_whose_heat_changes_are_drawn_anew() -> None:
    badges = Badges(comp())
    cook(badges, *CHAIN)
    badges.changed()
    cook(badges, "blur", blur=4.0)
    assert badges.changed() >= {*CHAIN, "blur"}
    assert badges.of("plate").heat == 0.25
    cook(badges, hits=("blur",))
    assert badges.changed() == {"blur"}


def test_a_removed_node_is_no_measure_for_the_others() -> None:
    graph = comp()
    badges = Badges(graph)
    cook(badges, "other", "blur", blur=100.0)
    graph.remove("blur")
    cook(badges, "plate")
    assert badges.of("plate").heat == 1.0
    assert badges.summary(graph) == "6 nodes   2 ms"


# -- editing


def test_an_edit_puts_what_was_cooked_below_it_out_of_date() -> None:
    badges = Badges(comp())
    cook(badges, *CHAIN)
    badges.changed()
    badges.edited("grade")
    state = {name: (badges.of(name).cached, badges.of(name).stale) for name in (*CHAIN, "write", "blur")}
    assert state == {
        "plate": (True, False), "fg": (True, False), "grade": (False, True), "over": (False, True),
        "write": (False, False), "blur": (False, False),
    }  # fmt: skip
    assert badges.changed() == {"grade", "over", "write"}
    assert badges.changed() == set()


def test_cooking_again_brings_it_up_to_date() -> None:
    badges = Badges(comp())
    cook(badges, *CHAIN)
    badges.edited("grade")
    cook(badges, "grade", "over", hits=("plate", "fg"), seen="over")
    assert not any(badges.of(name).stale for name in CHAIN)


def test_what_a_good_picture_is_made_of_isnt_out_of_date_though_it_wasnt_made_again() -> None:
    badges = Badges(comp())
    cook(badges, *CHAIN)
    badges.edited("plate")
    badges.changed()
    cook(badges, hits=("over",))  # undone: the last picture was there
    assert not badges.of("plate").stale
    assert "plate" in badges.changed()


def test_what_was_looked_at_meanwhile_is_put_out_of_date_again() -> None:
    badges = Badges(comp())
    cook(badges, *CHAIN)
    badges.edited("plate")
    cook(badges, hits=("over",))
    badges.edited("plate")
    assert badges.of("over").stale


def test_another_picture_leaves_it_out_of_date() -> None:
    badges = Badges(comp())
    cook(badges, *CHAIN)
    badges.edited("grade")
    cook(badges, "other", "blur")
    assert badges.of("over").stale


def test_an_edit_of_the_document_is_one_of_every_node() -> None:
    graph = grouped()
    badges = Badges(graph)
    cook(badges, "plate", "look/grade", "over")
    badges.edited("")
    assert all(badges.of(name).stale for name in ("plate", "look/grade", "over", "look"))


def test_a_drag_in_a_large_graph_walks_it_once() -> None:
    graph = Graph(CATALOG)
    graph.add("capture.read", name="n0")
    for number in range(1, 1000):
        graph.add("colour.grade", name=f"n{number}")
        graph.connect(f"n{number - 1}", f"n{number}")
    badges = Badges(graph)
    cook(badges, *graph.nodes)
    badges.edited("n0")
    assert len(badges.changed()) == 1000
    begun = time.perf_counter()
    for _ in range(200):
        badges.edited("n0")
    assert badges.changed() == {"n0"}
    assert time.perf_counter() - begun < 0.1  # half a thousandth of a second each


# -- errors


def test_an_error_stays_until_its_node_is_part_of_a_good_picture() -> None:
    badges = Badges(comp())
    fail(badges, "plate")
    assert "is damaged" in badges.of("plate").error
    cook(badges, "other", "blur")
    assert badges.of("plate").error
    cook(badges, "plate")
    assert badges.of("plate").error == ""
    assert "plate" in badges.changed()


def test_an_error_behind_a_picture_from_the_cache_is_gone() -> None:
    badges = Badges(comp())
    fail(badges, "plate")
    cook(badges, hits=("over",))
    assert badges.of("plate").error == ""


def test_a_failed_cook_clears_only_what_it_made() -> None:
    badges = Badges(comp())
    fail(badges, "plate")
    fail(badges, "fg")
    assert badges.of("plate").error and badges.of("fg").error
    errors: dict[str, NodegraphError] = {"fg": CookError("still")}
    badges.cooked(Cooked(Wish(1, ("over", None)), 1.0, errors=errors, made={"plate": Cost(1.0)}))
    assert badges.of("plate").error == ""
    assert badges.of("fg").error == "still"


# -- groups


def test_a_group_shows_what_its_nodes_show_together() -> None:
    graph = grouped()
    badges = Badges(graph)
    cook(badges, "plate", "look/grade", "look/spare", "over", plate=10.0, look_grade=3.0, look_spare=2.0)
    group = badges.of("look")
    assert (group.ms, group.heat, group.cached, group.stale) == (5.0, 0.5, True, False)
    badges.edited("look/grade")
    assert (badges.of("look").cached, badges.of("look").stale) == (False, True)
    fail(badges, "look/grade")
    assert "is damaged" in badges.of("look").error


def test_a_change_inside_is_one_of_the_groups_around_it() -> None:
    badges = Badges(grouped())
    badges.touch(["look/spare"])
    assert badges.changed() == {"look/spare", "look"}
    badges.touch(["look/grade"])
    assert badges.changed() == {"look/grade", "look"}


def test_what_a_group_shows_is_marked_inside() -> None:
    graph = grouped()
    graph.expose("look", "gain", "grade.gain")
    badges = Badges(graph)
    assert badges.of("look/grade").exposed
    assert not badges.of("look/spare").exposed


# -- the rest of a badge


def test_bypass_animation_and_expressions() -> None:
    graph = comp()
    graph.key("blur.size", 1, 2.0)
    graph.set("grade.mix", Expression("0.5"))
    graph.bypass("over")
    badges = Badges(graph)
    found = {name: badges.of(name) for name in ("blur", "grade", "over", "fg")}
    assert [name for name, badge in found.items() if badge.animated] == ["blur"]
    assert [name for name, badge in found.items() if badge.expression] == ["grade"]
    assert [name for name, badge in found.items() if badge.bypass] == ["over"]


def test_a_node_of_a_type_that_is_missing_here() -> None:
    again = loads(dumps(comp()), {})
    assert Badges(again).of("grade").missing
    assert not Badges(comp()).of("grade").missing


def test_viewers_keys_are_on_their_nodes() -> None:
    badges = Badges(comp())
    badges.view({"2": "over", "1": "over", "3": "plate"})
    assert badges.of("over").viewed_in == ("1", "2")
    assert badges.changed() == {"over", "plate"}
    badges.view({"1": "over", "2": "over", "3": "plate"})
    assert badges.changed() == set()
    badges.view({"1": "over", "3": "plate"})
    assert badges.changed() == {"over"}


def test_a_renamed_node_keeps_its_badge() -> None:
    graph = grouped()
    badges = Badges(graph)
    cook(badges, "plate", "look/grade", "over", look_grade=7.0)
    badges.edited("look/grade")
    badges.changed()
    graph.rename("look", "mood")
    badges.renamed("look", "mood")
    found = badges.of("mood/grade")
    assert (found.ms, found.heat, found.stale) == (7.0, 1.0, True)
    assert {"mood", "mood/grade"} <= badges.changed()
    assert not badges.of("over").cached


def test_a_graph_in_a_line() -> None:
    graph = grouped()
    badges = Badges(graph)
    assert badges.summary(graph) == "7 nodes"
    cook(badges, "plate", "look/grade", plate=4.0, look_grade=8.0)
    fail(badges, "look/grade")
    assert badges.summary(graph) == "7 nodes   1 error   12 ms"
    assert badges.summary(graph.inside("look")) == "4 nodes   1 error   8 ms"
