"""What a machine needs before the program can run on it; standard library only."""
