"""The world as an assertion reads it: read-only objects over the records, each of which tells what is now.

    assert mock.key_stores["ExampleKeyStore"].connection_state == "CONNECTED"

What AWS says in its answers is not repeated here word for word: these are plain Python values, with dates as datetime,
states as text, and what belongs together within reach (`key.key_store.cluster.hsms`).
"""

from mockaws.views.cloudhsm import Backup, Cluster, Hsm, HsmKey, HsmUser
from mockaws.views.kms import Alias, Grant, Key, KeyStore
from mockaws.views.listing import Listing, NoSuchThingError
from mockaws.views.place import State
from mockaws.views.view import View

__all__ = [
    "Alias",
    "Backup",
    "Cluster",
    "Grant",
    "Hsm",
    "HsmKey",
    "HsmUser",
    "Key",
    "KeyStore",
    "Listing",
    "NoSuchThingError",
    "State",
    "View",
]
