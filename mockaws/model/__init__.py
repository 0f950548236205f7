"""What AWS says about its own services: operations, shapes and errors, read from botocore's data files."""
