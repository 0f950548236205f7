"""Views of a world for assertions: read-only objects over the records, which show the present state.

    assert mock.key_stores["ExampleKeyStore"].connection_state == "CONNECTED"

They are plain Python values, not the documents of AWS's answers: dates are datetimes, states are text, and related
objects are attributes (`key.key_store.cluster.hsms`).
"""

from mockaws.testing.views.cloudhsm import Backup, Cluster, Hsm, HsmKey, HsmUser
from mockaws.testing.views.kms import Alias, Grant, Key, KeyStore
from mockaws.testing.views.listing import Listing, NotFoundError
from mockaws.testing.views.place import State
from mockaws.testing.views.view import View

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
    "NotFoundError",
    "State",
    "View",
]
