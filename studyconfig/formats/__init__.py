"""The five configuration files of a study: text into values, and back."""
