"""The errors a user may see: each is one line that says what is wrong and what to do."""


class BookscoreError(Exception):
    """Something the user can put right. Its message is one clear line; the program exits 1."""


class BelowGate(BookscoreError):
    """The work is finished but its quality is below the gate; the program exits 3."""
