"""What a study is made of: its text files, Reimport and its structure."""
