"""Isolated worlds: their state, the faults at work in them, and the verbs that control them."""
