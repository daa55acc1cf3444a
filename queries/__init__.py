"""What reads a woven warehouse: saved queries, playlists, the soundtrack as JSON, the reader."""
