"""Declared proxies, jump hosts, gateways and balancers: who stood behind what they opened."""
