"""What a reviewer is told of a plan: policies over the planned resources. Reads plans, never the program."""
