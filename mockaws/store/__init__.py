"""The place where a world is kept: records, state and calls behind one interface, changed in transactions."""
