"""The files of the page for people."""
