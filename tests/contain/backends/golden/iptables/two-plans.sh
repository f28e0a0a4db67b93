#!/bin/sh
# sekisho: restrictions of gateway th-gw, plans: P-1, P-2.
# Only the chains of that name are replaced; what they return is for the gateway's own rules.
set -e
iptables-restore --noflush --wait <<'END'
*filter
:sekisho - [0:0]
:sekisho-drop - [0:0]
-A sekisho -p icmp -m icmp --icmp-type 3/4 -m conntrack --ctstate RELATED -j RETURN
# keep-1-1: open: EDI
-A sekisho -s 10.40.2.10/32 -d 10.1.20.0/28 -p tcp -m multiport --dports 8443 -m conntrack --ctdir ORIGINAL -j RETURN
-A sekisho -s 10.1.20.0/28 -d 10.40.2.10/32 -p tcp -m multiport --sports 8443 -m conntrack --ctdir REPLY -j RETURN
# keep-2-1: open: REMOTE
-A sekisho -s 10.60.0.0/16 -d 10.40.2.10/32 -m conntrack --ctdir ORIGINAL -j RETURN
-A sekisho -s 10.40.2.10/32 -d 10.60.0.0/16 -m conntrack --ctdir REPLY -j RETURN
# drop-1: P-1 site:th
-A sekisho -s 10.40.0.0/16 -d 10.1.0.0/16 -j sekisho-drop
-A sekisho -s 10.40.0.0/16 -d 10.60.0.0/16 -j sekisho-drop
# drop-2: P-1 site:th
-A sekisho -s 10.1.0.0/16 -d 10.40.0.0/16 -j sekisho-drop
-A sekisho -s 10.60.0.0/16 -d 10.40.0.0/16 -j sekisho-drop
-A sekisho-drop -m limit --limit 5/second --limit-burst 10 -j LOG --log-prefix "sekisho "
-A sekisho-drop -j DROP
COMMIT
END
iptables -w -C FORWARD -j sekisho 2>/dev/null || iptables -w -I FORWARD 1 -j sekisho
iptables -w -C INPUT -j sekisho 2>/dev/null || iptables -w -I INPUT 1 -j sekisho
iptables -w -C OUTPUT -j sekisho 2>/dev/null || iptables -w -I OUTPUT 1 -j sekisho
ip6tables-restore --noflush --wait <<'END'
*filter
:sekisho - [0:0]
:sekisho-drop - [0:0]
-A sekisho -p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j RETURN
-A sekisho -p ipv6-icmp -m icmp6 --icmpv6-type 134 -m hl --hl-eq 255 -j RETURN
-A sekisho -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j RETURN
-A sekisho -p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j RETURN
-A sekisho -p ipv6-icmp -m icmp6 --icmpv6-type 2 -m conntrack --ctstate RELATED -j RETURN
# keep-1-1: open: EDI
-A sekisho -s 2001:db8:40::10/128 -d 2001:db8:1::20/128 -p tcp -m multiport --dports 8443 -m conntrack --ctdir ORIGINAL -j RETURN
-A sekisho -s 2001:db8:1::20/128 -d 2001:db8:40::10/128 -p tcp -m multiport --sports 8443 -m conntrack --ctdir REPLY -j RETURN
# drop-1: P-1 site:th
-A sekisho -s 2001:db8:40::/48 -d 2001:db8:1::/48 -j sekisho-drop
# drop-2: P-1 site:th
-A sekisho -s 2001:db8:1::/48 -d 2001:db8:40::/48 -j sekisho-drop
-A sekisho-drop -m limit --limit 5/second --limit-burst 10 -j LOG --log-prefix "sekisho "
-A sekisho-drop -j DROP
COMMIT
END
ip6tables -w -C FORWARD -j sekisho 2>/dev/null || ip6tables -w -I FORWARD 1 -j sekisho
ip6tables -w -C INPUT -j sekisho 2>/dev/null || ip6tables -w -I INPUT 1 -j sekisho
ip6tables -w -C OUTPUT -j sekisho 2>/dev/null || ip6tables -w -I OUTPUT 1 -j sekisho
