"""Whom to count as one sender."""

from ipaddress import IPv6Address, ip_address


def sender_of(address: str) -> str:
    """An IPv4 address as it is, an IPv6 address by its /64 (one household has 2^64 of them); "" for none."""
    if not address:
        return ""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)
