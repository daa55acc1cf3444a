"""An album: its tracks read into keys, energy, segments and loops."""
