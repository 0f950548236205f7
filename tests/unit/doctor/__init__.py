"""Findings of `mockaws doctor` in made-up environments and directories."""
