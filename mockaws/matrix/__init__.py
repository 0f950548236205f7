"""One command in many worlds, in parallel, and its result in each."""
