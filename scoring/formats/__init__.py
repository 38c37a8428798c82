"""The texts and files in which answers and annotations travel, each as pure parse and write."""
