"""Tag keys, as all services of AWS know them.

https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""

RESERVED_PREFIX = "aws:"


def is_reserved_key(key: str) -> bool:
    """Return True if *key* begins with `aws:`, in any letter case: AWS reserves these keys for its own tags."""
    return key.lower().startswith(RESERVED_PREFIX)
