"""Slides in, Deep Zoom tiles and regions out."""
