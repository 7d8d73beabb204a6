"""Key material and the three signed formats; each format's file signs, its neighbour verifies.

Nothing here knows of accounts' state, HTTP or any other room of `signer_mock`.
"""

from signer_mock._signing.real_datetime import show_cryptography_the_real_datetime

show_cryptography_the_real_datetime()
