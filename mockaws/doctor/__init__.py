"""Checks of an environment for Terraform against mockaws, and of settings that lead to real AWS; a module a topic.

Nothing here changes anything, calls AWS, or shows a secret.
"""
