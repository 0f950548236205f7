"""The API for programs and tests: mocks, their worlds and HSMs, read-only views, and the pytest plugin."""
