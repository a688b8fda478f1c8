from nodegraph.node import V, pixel
def over(fg_c: V, bg_c: V, fg_a: V) -> V:
    return fg_c + bg_c * (1.0 - fg_a)
merge = pixel("nodegraph.merge.merge", inputs=("fg", "bg"), main="bg", cases={"over": over}, by="operation", params={})(None)
