/* sekisho: restrictions of gateway th-gw, plans: P-1, P-2. */
firewall {
    family inet {
        /*
         **
         */
        replace: filter sekisho-4 {
            interface-specific;
            /*
             ** open: EDI
             */
            term keep-1-1 {
                from {
                    source-address {
                        10.40.2.10/32;
                    }
                    destination-address {
                        10.1.20.0/28;
                    }
                    protocol tcp;
                    destination-port 8443;
                }
                then accept;
            }
            /*
             ** open: REMOTE
             */
            term keep-2-1 {
                from {
                    source-address {
                        10.60.0.0/16;
                    }
                    destination-address {
                        10.40.2.10/32;
                    }
                }
                then accept;
            }
            /*
             ** open: EDI
             */
            term answer-1-1 {
                from {
                    source-address {
                        10.1.20.0/28;
                    }
                    destination-address {
                        10.40.2.10/32;
                    }
                    protocol tcp;
                    source-port 8443;
                    tcp-established;
                }
                then accept;
            }
            /*
             ** open: REMOTE
             */
            term answer-2-1 {
                from {
                    source-address {
                        10.40.2.10/32;
                    }
                    destination-address {
                        10.60.0.0/16;
                    }
                    protocol tcp;
                    tcp-established;
                }
                then accept;
            }
            /*
             ** open: REMOTE
             */
            term begin-2-1 {
                from {
                    source-address {
                        10.40.2.10/32;
                    }
                    destination-address {
                        10.60.0.0/16;
                    }
                    protocol tcp;
                }
                then {
                    discard;
                }
            }
            /*
             ** open: REMOTE
             */
            term other-2-1 {
                from {
                    source-address {
                        10.40.2.10/32;
                    }
                    destination-address {
                        10.60.0.0/16;
                    }
                }
                then accept;
            }
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
             ** open: EDI
             */
            term keep-1-1 {
                from {
                    source-address {
                        2001:db8:40::10/128;
                    }
                    destination-address {
                        2001:db8:1::20/128;
                    }
                    next-header tcp;
                    destination-port 8443;
                }
                then accept;
            }
            /*
             ** open: EDI
             */
            term answer-1-1 {
                from {
                    source-address {
                        2001:db8:1::20/128;
                    }
                    destination-address {
                        2001:db8:40::10/128;
                    }
                    next-header tcp;
                    source-port 8443;
                    tcp-established;
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
