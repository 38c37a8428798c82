"""The door: who asks, what they may do, and how success and failure are told."""
