"""What a pseudonym looks like: the number of its key, a hyphen, and 128 bits of a keyed hash in hexadecimal digits."""

PSEUDONYM = r"^[a-z0-9]{1,12}-[0-9a-f]{32}$"
