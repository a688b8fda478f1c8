"""nodegraph's own node library: one small file a node, found like anybody else's pack."""
