"""sekisho.toml: one section a file, what each key means, and where its value came from."""
