"""AWS's models of its services: operations, shapes and errors, from botocore's data files."""
