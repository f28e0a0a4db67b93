"""Which addresses are globally routable: the IANA special-purpose registries as a table.

Python's `ipaddress.is_global` changed between releases (3.11 to 3.13 disagree on several blocks), and
a verdict must not depend on the interpreter. Sources: IANA IPv4 and IPv6 Special-Purpose Address
Registries (RFC 6890 and its updates, "Globally Reachable" column), RFC 5771 (multicast), RFC 4291.
"""

from __future__ import annotations

from ipaddress import ip_network

from sekisho.model.addresses import IPNetwork

NOT_GLOBAL: tuple[IPNetwork, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # shared address space, RFC 6598
        "127.0.0.0/8",  # loopback, RFC 1122
        "169.254.0.0/16",  # link-local, RFC 3927
        "172.16.0.0/12",  # private, RFC 1918
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.88.99.0/24",  # deprecated 6to4 relay anycast, RFC 7526
        "192.168.0.0/16",  # private, RFC 1918
        "198.18.0.0/15",  # benchmarking, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved, RFC 1112; includes limited broadcast
        "::/128",  # unspecified, RFC 4291
        "::1/128",  # loopback, RFC 4291
        "64:ff9b:1::/48",  # local-use IPv4/IPv6 translation, RFC 8215
        "100::/64",  # discard-only, RFC 6666
        "100:0:0:1::/64",  # dummy prefix, RFC 9780
        "2001::/23",  # IETF protocol assignments, RFC 2928
        "2001:db8::/32",  # documentation, RFC 3849
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing SIDs, RFC 9602
        "fc00::/7",  # unique local, RFC 4193
        "fe80::/10",  # link-local, RFC 4291
        "fec0::/10",  # deprecated site-local, RFC 3879
        "ff00::/8",  # multicast, RFC 4291
    )
)
GLOBAL_WITHIN: tuple[IPNetwork, ...] = tuple(
    ip_network(text)
    for text in (
        "192.0.0.9/32",  # Port Control Protocol anycast, RFC 7723
        "192.0.0.10/32",  # TURN anycast, RFC 8155
        "2001:1::1/128",  # Port Control Protocol anycast, RFC 7723
        "2001:1::2/128",  # TURN anycast, RFC 8155
        "2001:1::3/128",  # DNS-SD SRP anycast, RFC 9665
        "2001:3::/32",  # AMT, RFC 7450
        "2001:4:112::/48",  # AS112-v6, RFC 7535
        "2001:20::/28",  # ORCHIDv2, RFC 7343
        "2001:30::/28",  # drone remote identification, RFC 9374
    )
)
"""More specific blocks inside `NOT_GLOBAL` that are globally reachable all the same."""

LOCAL_SCOPE: tuple[IPNetwork, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/32",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "fe80::/10",
        "ff00::/8",
    )
)
"""Unspecified, link-local, multicast and limited broadcast: they belong to the sender's site.

The broadcast address of a site's own prefix is known only from the inventory."""
