"""Coverslip's reader for scripts and notebooks: pixels of slides as NumPy arrays, over HTTP."""
