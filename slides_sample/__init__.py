"""Small slides made by code, whose every pixel can be computed from its address."""
