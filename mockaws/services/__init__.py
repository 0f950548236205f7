"""The AWS services: one package each. No service imports another."""
