"""Decoding that films and albums share."""
