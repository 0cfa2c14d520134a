"""`python -m reenact`: the command line."""

from reenact.cli import main

if __name__ == "__main__":
    main()
