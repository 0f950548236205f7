"""mockaws answers as AWS KMS, CloudHSM v2 and STS do, on one local endpoint, from worlds written in YAML."""

__version__ = "0.1.0"
