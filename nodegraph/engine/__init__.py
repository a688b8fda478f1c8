"""From a document to pictures: trace, plan, cook, cache, explain."""

from nodegraph.engine.context import Context
from nodegraph.engine.engine import Engine
from nodegraph.engine.plan import Plan, Step

__all__ = ["Context", "Engine", "Plan", "Step"]
