"""Key material and the three signed formats. Each format's package signs and verifies.

Nothing here knows about accounts, the service's rules or HTTP.
"""

from signer_mock._signing.real_datetime import show_cryptography_the_real_datetime

show_cryptography_the_real_datetime()
