"""One command in many worlds, side by side: what became of it in each."""
