"""Tile serving, measured: one run of Coverslip and its peers over the same slide and trace."""
