"""Formats of subtitle files, each read into the cues it holds and those that had to be left out."""
