"""Parts of the comparison of tiles with independent renderers."""
