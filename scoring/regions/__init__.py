"""Region agreement: how well what readers draw on the same slides agrees; pure and offline."""
