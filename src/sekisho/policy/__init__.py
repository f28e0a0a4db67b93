"""The register of authorised connections."""
