"""Stored tiles: a slide's own JPEG tiles sent as they are, and all others made from them once."""
