/* sekisho: restrictions of gateway th-gw, plans: P-1. */
firewall {
    family inet {
        /*
         **
         */
        replace: filter sekisho-4 {
            interface-specific;
            /*
             ** P-1 site:th
             */
            term drop-1 {
                from {
                    source-address {
                        10.40.0.0/16;
                    }
                    destination-address {
                        10.1.0.0/16;
                        10.60.0.0/16;
                    }
                }
                then {
                    syslog;
                    discard;
                }
            }
            /*
             ** P-1 site:th
             */
            term drop-2 {
                from {
                    source-address {
                        10.1.0.0/16;
                        10.60.0.0/16;
                    }
                    destination-address {
                        10.40.0.0/16;
                    }
                }
                then {
                    syslog;
                    discard;
                }
            }
            term rest {
                then accept;
            }
        }
    }
}
firewall {
    family inet6 {
        /*
         **
         */
        replace: filter sekisho-6 {
            interface-specific;
            term neighbours {
                from {
                    next-header icmp6;
                    icmp-type [ 133 134 135 136 ];
                }
                then accept;
            }
            /*
             ** P-1 site:th
             */
            term drop-1 {
                from {
                    source-address {
                        2001:db8:40::/48;
                    }
                    destination-address {
                        2001:db8:1::/48;
                    }
                }
                then {
                    syslog;
                    discard;
                }
            }
            /*
             ** P-1 site:th
             */
            term drop-2 {
                from {
                    source-address {
                        2001:db8:1::/48;
                    }
                    destination-address {
                        2001:db8:40::/48;
                    }
                }
                then {
                    syslog;
                    discard;
                }
            }
            term rest {
                then accept;
            }
        }
    }
}
