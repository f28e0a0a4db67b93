/* sekisho: restrictions of gateway th-gw, plans: P-1. */
firewall {
    family inet {
        /*
         **
         */
        replace: filter sekisho-4 {
            interface-specific;
            /*
             ** P-1 host:asset:edi-th
             */
            term drop-1 {
                from {
                    source-address {
                        10.40.2.10/32;
                    }
                    destination-address {
                        0.0.0.0/0;
                    }
                }
                then {
                    syslog;
                    discard;
                }
            }
            /*
             ** P-1 host:asset:edi-th
             */
            term drop-2 {
                from {
                    source-address {
                        0.0.0.0/0;
                    }
                    destination-address {
                        10.40.2.10/32;
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
             ** P-1 host:asset:edi-th
             */
            term drop-1 {
                from {
                    source-address {
                        2001:db8:40::10/128;
                    }
                    destination-address {
                        ::/0;
                    }
                }
                then {
                    syslog;
                    discard;
                }
            }
            /*
             ** P-1 host:asset:edi-th
             */
            term drop-2 {
                from {
                    source-address {
                        ::/0;
                    }
                    destination-address {
                        2001:db8:40::10/128;
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
