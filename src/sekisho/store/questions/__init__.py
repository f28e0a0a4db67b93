"""The named questions as Ibis expressions, for engines other than the embedded one.

Each says what the SQL of the same name in `sekisho.store.queries` says, with the columns and types that
`sekisho.store.shapes` declares. Tables come in and a table goes out; nothing is run here. Ibis is imported
inside the functions, so that an installation without it has everything else.
"""
