"""The roof: one application out of all rooms."""
