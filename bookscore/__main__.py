"""``python -m bookscore``: the command line."""

from bookscore.commands.main import main

if __name__ == "__main__":
    main(prog_name="bookscore")
