"""Layers: the shapes of one answer laid out by place and size, to be asked by box and zoom."""
