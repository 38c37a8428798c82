"""Benchmarks: scripts that start what they measure and print tables for the documentation."""
