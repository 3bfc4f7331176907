"""Which IP addresses are the public internet: feeds and the pages they link to may be fetched from no others."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address that is really reached
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")  # RFC 8215: translation inside one's own network
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, deprecated: an IPv4 address in disguise


def why_refused(address: str) -> str | None:
    """What kind of address it is when it must not be fetched from ("a loopback address"); None for a public one."""
    return _why_refused(ip_address(address.partition("%")[0]))


def _why_refused(ip: IPv4Address | IPv6Address) -> str | None:
    kinds = {
        "an unspecified": ip.is_unspecified,
        "a loopback": ip.is_loopback,
        "a link-local": ip.is_link_local,
        "a multicast": ip.is_multicast,
    }
    for kind, is_it in kinds.items():
        if is_it:
            return f"{kind} address"
    if isinstance(ip, IPv6Address):
        if ip.is_site_local or ip.teredo or ip in _NAT64_LOCAL or ip in _COMPATIBLE:
            return "a private or reserved address"
        within = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None)
        if within:
            return _why_refused(within)
    if ip.is_private or ip.is_reserved or not ip.is_global:  # not global: also carriers' own 100.64.0.0/10
        return "a private or reserved address"
    return None
