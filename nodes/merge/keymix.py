"""One picture or the other, by a matte."""

from nodegraph.node import Text, V, pixel


@pixel(
    "nodegraph.merge.keymix",
    inputs=("fg", "bg"),
    main="bg",
    params={"channels": Text("all", shape=True, help='"all", "rgb", "rgba", "alpha", or names.')},
)
def keymix(fg_c: V) -> V:
    """`fg` where the mask is white, `bg` where it is black, a mix between: fg*m + bg*(1-m).

    Unlike merge, alpha plays no part: the mask alone decides, in all channels. Without a mask
    the result is `fg`; `mix` scales the mask.
    """
    return fg_c
