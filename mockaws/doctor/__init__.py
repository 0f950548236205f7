"""What an environment has for a run of Terraform against mockaws, and what in it leads to real AWS; a module a topic.

Nothing here changes anything, calls AWS, or shows a secret.
"""
