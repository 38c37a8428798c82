"""Files in, by resumable upload, and out."""
