"""`python -m drill` is the command `drill`."""

from drill.cli import main

if __name__ == "__main__":
    main()
