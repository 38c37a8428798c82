"""Small servers that the peers run on; they import nothing of the project."""
