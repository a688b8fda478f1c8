"""A small catalog for tests of the document: every kind of port and parameter, no behaviour."""

from __future__ import annotations

from nodegraph.graph.schema import PORT_TYPES, Param, Port, Schema

FRAME, MASK = Port("source"), Port("mask", "Matte", optional=True)

_SCHEMAS = (
    Schema(
        "nodegraph.capture.read",
        1,
        "source",
        params=(
            Param("path", "path", "", file_kind="open"),
            Param("gain", "float", 1.0, 0.0, 10.0),
            Param("missing", "choice", "error", choices=("error", "black", "hold")),
        ),
    ),
    Schema(
        "nodegraph.colour.grade",
        2,
        "pixel",
        (FRAME, MASK),
        params=(
            Param("gain", "float", 1.0, -100.0, 100.0),
            Param("tint", "colour", (1.0, 1.0, 1.0), 0.0, 4.0),
            Param("clamp", "bool", False),
            Param("curve", "curve", ((0.0, 0.0), (1.0, 1.0))),
        ),
    ),
    Schema(
        "nodegraph.merge.merge",
        1,
        "pixel",
        (Port("bg"), Port("fg", optional=True), MASK),
        params=(
            Param("operation", "choice", "over", choices=("over", "plus")),
            Param("mix", "float", 1.0, 0.0, 1.0),
        ),
    ),
    Schema(
        "nodegraph.transform.move",
        1,
        "filter",
        (FRAME,),
        params=(
            Param("translate", "vec2", (0.0, 0.0)),
            Param("pivot", "vec3", (0.0, 0.0, 0.0), -10.0, 10.0),
            Param("taps", "int", 3, 1, 9),
        ),
    ),
    Schema("nodegraph.keying.chroma", 1, "pixel", (FRAME,), (Port("out"), Port("matte", "Matte"))),
    Schema(
        "nodegraph.draw.text",
        1,
        "frame",
        (Port("words", "Text", optional=True),),
        params=(Param("text", "text", "hello"), Param("size", "float", 12.0, 1.0, 500.0)),
    ),
    Schema("nodegraph.draw.words", 1, "source", (), (Port("out", "Text"),)),
    Schema(
        "nodegraph.flow.group_in",
        1,
        "flow",
        (),
        params=(Param("type", "choice", "Frame", choices=PORT_TYPES), Param("label", "text", "")),
    ),
    Schema(
        "nodegraph.flow.group_out",
        1,
        "flow",
        (Port("in"),),
        (),
        params=(Param("type", "choice", "Frame", choices=PORT_TYPES), Param("label", "text", "")),
    ),
)

CATALOG = {schema.id: schema for schema in _SCHEMAS}
