"""Layers and orders: links run right and are short, and few cross."""

from __future__ import annotations

import random

from nodegraph.editor.layering import Link, assign_layers, crossings, layered


def links(*pairs: str) -> list[Link]:
    return [Link(int(a), int(b), 5.0, 5.0) for a, b in (p.split(">") for p in pairs)]


def test_layers_follow_the_longest_path() -> None:
    assert assign_layers(4, links("0>1", "1>2", "2>3", "0>3")) == [0, 1, 2, 3]
    assert assign_layers(0, []) == []
    assert assign_layers(2, []) == [0, 0]


def test_a_branch_lies_beside_what_it_feeds_and_a_side_output_beside_what_feeds_it() -> None:
    trunk = ["0>1", "1>2", "2>3", "3>4"]
    assert assign_layers(7, links(*trunk, "5>6", "6>4"))[5:] == [2, 3]  # a background, just before the merge
    assert assign_layers(7, links(*trunk, "0>5", "5>6"))[5:] == [1, 2]  # a proxy written from the plate


def test_long_links_of_one_port_share_their_dummies() -> None:
    plane = layered([10.0] * 5, links("0>1", "1>2", "2>3", "0>2", "0>3"))
    assert plane.real == 5
    assert len(plane.layer) - plane.real == 2
    for segments in plane.right:
        assert all(plane.layer[s.b] == plane.layer[s.a] + 1 for s in segments)


def test_a_permutation_is_untangled() -> None:
    plane = layered([10.0] * 8, links("0>7", "1>6", "2>5", "3>4"))
    assert crossings(plane) == 0


def test_upper_ports_are_fed_from_above() -> None:
    fed_from_port = [Link(1, 2, 5.0, 5.0), Link(0, 2, 5.0, 21.0)]
    plane = layered([10.0, 10.0, 40.0], fed_from_port)
    assert plane.order[0] == [1, 0]
    assert crossings(plane) == 0
    plane.order[0].reverse()
    assert crossings(plane) == 1


def test_sweeps_leave_no_more_crossings_than_the_numbers_order_and_far_fewer_in_all() -> None:
    total, naive = 0, 0
    for seed in range(20):
        dice = random.Random(seed)
        pairs = {(dice.randrange(8), 8 + dice.randrange(8)) for _ in range(12)}
        pairs |= {(b, 16 + dice.randrange(8)) for _, b in pairs}
        plane = layered([10.0] * 24, [Link(a, b, 5.0, 5.0) for a, b in sorted(pairs)])
        found = crossings(plane)
        for layer in plane.order:
            layer.sort()
        assert found <= crossings(plane)
        total, naive = total + found, naive + crossings(plane)
    assert total < naive / 3


def test_a_chain_longer_than_python_recurses() -> None:
    count = 3000
    plane = layered([10.0] * count, [Link(k, k + 1, 5.0, 5.0) for k in range(count - 1)])
    assert plane.order == [[k] for k in range(count)]
