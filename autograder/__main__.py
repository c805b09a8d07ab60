"""``python -m autograder`` is the command ``coursework``."""

if __name__ == "__main__":  # and not in a worker that was started from here
    from autograder.cli import main

    main()
