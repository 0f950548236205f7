"""What survives a call: records behind a few verbs, changed in transactions."""
