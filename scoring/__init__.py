"""Answers in and out: results, annotations and screenshots."""
