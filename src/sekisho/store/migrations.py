"""The manifest's tables, version by version. A migration, once released, never changes."""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE file (
        id INTEGER PRIMARY KEY,
        sensor TEXT NOT NULL,
        path TEXT NOT NULL,
        reader TEXT NOT NULL,
        raw_sha256 TEXT NOT NULL,
        raw_size INTEGER NOT NULL,
        content_sha256 TEXT NOT NULL,
        content_size INTEGER NOT NULL,
        unterminated INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('taken', 'set_aside')),
        reason TEXT,
        previous INTEGER REFERENCES file (id),
        first_row INTEGER NOT NULL,
        last_row INTEGER NOT NULL,
        last_day INTEGER,
        rows INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        ignored INTEGER NOT NULL,
        notes TEXT NOT NULL,
        taken_at INTEGER NOT NULL
    );
    CREATE UNIQUE INDEX file_content ON file (sensor, content_sha256) WHERE status = 'taken';
    CREATE TABLE span (
        file INTEGER NOT NULL REFERENCES file (id),
        sensor TEXT NOT NULL,
        begin INTEGER NOT NULL,
        "end" INTEGER NOT NULL
    );
    CREATE INDEX span_sensor ON span (sensor, begin);
    CREATE TABLE segment (
        id INTEGER PRIMARY KEY,
        day INTEGER NOT NULL,
        path TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        rows INTEGER NOT NULL,
        last_end INTEGER NOT NULL,
        flags INTEGER NOT NULL,
        lost TEXT
    );
    CREATE INDEX segment_day ON segment (day);
    CREATE TABLE segment_sensor (
        segment INTEGER NOT NULL REFERENCES segment (id) ON DELETE CASCADE,
        sensor TEXT NOT NULL,
        rows INTEGER NOT NULL,
        PRIMARY KEY (segment, sensor)
    ) WITHOUT ROWID;
    CREATE TABLE segment_file (
        segment INTEGER NOT NULL REFERENCES segment (id) ON DELETE CASCADE,
        file INTEGER NOT NULL REFERENCES file (id),
        PRIMARY KEY (segment, file)
    ) WITHOUT ROWID;
    CREATE TABLE exclusion (
        file INTEGER NOT NULL REFERENCES file (id),
        row INTEGER NOT NULL,
        day INTEGER,
        PRIMARY KEY (file, row)
    ) WITHOUT ROWID;
    CREATE TABLE reject_file (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        rows INTEGER NOT NULL,
        lost TEXT
    );
    CREATE TABLE day (
        day INTEGER PRIMARY KEY,
        dirt INTEGER NOT NULL,
        built INTEGER,
        pruned INTEGER,
        pruned_rows INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE rollup (
        id INTEGER PRIMARY KEY,
        day INTEGER NOT NULL REFERENCES day (day),
        path TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        rows INTEGER NOT NULL,
        lost TEXT
    );
    CREATE INDEX rollup_day ON rollup (day);
    CREATE TABLE month (
        month INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        rows INTEGER NOT NULL
    );
    CREATE TABLE month_day (
        month INTEGER NOT NULL REFERENCES month (month) ON DELETE CASCADE,
        day INTEGER NOT NULL,
        rollup TEXT NOT NULL,
        PRIMARY KEY (month, day)
    ) WITHOUT ROWID;
    CREATE TABLE base (
        day INTEGER PRIMARY KEY,
        path TEXT NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        rows INTEGER NOT NULL,
        lost TEXT
    );
    CREATE TABLE hour (
        day INTEGER NOT NULL,
        sensor TEXT NOT NULL,
        hour INTEGER NOT NULL,
        flows INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        PRIMARY KEY (day, sensor, hour)
    ) WITHOUT ROWID;
    CREATE TABLE base_hour (
        day INTEGER NOT NULL,
        sensor TEXT NOT NULL,
        hour INTEGER NOT NULL,
        flows INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        PRIMARY KEY (day, sensor, hour)
    ) WITHOUT ROWID;
    CREATE TABLE clock (
        day INTEGER NOT NULL,
        sensor TEXT NOT NULL,
        offset INTEGER NOT NULL,
        spread INTEGER NOT NULL,
        pairs INTEGER NOT NULL,
        PRIMARY KEY (day, sensor)
    ) WITHOUT ROWID;
    CREATE TABLE clock_pair (
        day INTEGER NOT NULL,
        a TEXT NOT NULL,
        b TEXT NOT NULL,
        apart INTEGER NOT NULL,
        spread INTEGER NOT NULL,
        pairs INTEGER NOT NULL,
        PRIMARY KEY (day, a, b)
    ) WITHOUT ROWID;
    CREATE TABLE traits (
        sensor TEXT PRIMARY KEY,
        body TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE hold (
        name TEXT NOT NULL,
        day INTEGER NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (name, day)
    ) WITHOUT ROWID;
    CREATE TABLE garbage (
        path TEXT PRIMARY KEY,
        since INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE object (
        sensor TEXT NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        stamp TEXT NOT NULL,
        PRIMARY KEY (sensor, name)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE loss (
        hour INTEGER NOT NULL,
        sensor TEXT NOT NULL,
        exporter TEXT NOT NULL,
        received INTEGER NOT NULL,
        lost INTEGER NOT NULL,
        dropped INTEGER NOT NULL,
        late INTEGER NOT NULL,
        restarts INTEGER NOT NULL,
        PRIMARY KEY (hour, sensor, exporter)
    ) WITHOUT ROWID;
    CREATE TABLE stream (
        exporter TEXT NOT NULL,
        version INTEGER NOT NULL,
        domain INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (exporter, version, domain)
    ) WITHOUT ROWID;
    CREATE TABLE waiting (
        id INTEGER PRIMARY KEY,
        exporter TEXT NOT NULL,
        version INTEGER NOT NULL,
        domain INTEGER NOT NULL,
        template INTEGER NOT NULL,
        file INTEGER NOT NULL REFERENCES file (id),
        row INTEGER NOT NULL,
        export INTEGER NOT NULL,
        uptime INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    CREATE INDEX waiting_template ON waiting (exporter, version, domain, template);
    """,
    """
    CREATE TABLE name_file (
        id INTEGER PRIMARY KEY,
        day INTEGER NOT NULL,
        path TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        rows INTEGER NOT NULL,
        lost TEXT
    );
    CREATE INDEX name_file_day ON name_file (day);
    CREATE TABLE file_names (
        file INTEGER PRIMARY KEY REFERENCES file (id),
        rows INTEGER NOT NULL
    );
    """,
    """
    CREATE TABLE gap (
        sensor TEXT NOT NULL,
        id TEXT NOT NULL,
        begin INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        why TEXT NOT NULL,
        PRIMARY KEY (sensor, id)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE name_file RENAME TO side_file;
    ALTER TABLE side_file ADD COLUMN side TEXT NOT NULL DEFAULT 'names';
    CREATE TABLE file_side (
        file INTEGER NOT NULL REFERENCES file (id),
        side TEXT NOT NULL,
        rows INTEGER NOT NULL,
        PRIMARY KEY (file, side)
    ) WITHOUT ROWID;
    INSERT INTO file_side SELECT file, 'names', rows FROM file_names;
    DROP TABLE file_names;
    """,
    """
    ALTER TABLE side_file ADD COLUMN until INTEGER;
    UPDATE side_file SET until = (day + 2) * 86400000000 WHERE side = 'names';
    """,
    """
    CREATE TABLE event_file (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        within TEXT NOT NULL,
        owner TEXT NOT NULL,
        rows INTEGER NOT NULL,
        unread INTEGER NOT NULL,
        cut INTEGER NOT NULL,
        why TEXT NOT NULL,
        taken_at INTEGER NOT NULL
    );
    """,
    """
    CREATE TABLE event_number (id INTEGER PRIMARY KEY AUTOINCREMENT);
    """,
    """
    ALTER TABLE event_file ADD COLUMN last_row INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE side_file ADD COLUMN begin INTEGER;
    ALTER TABLE side_file ADD COLUMN last INTEGER;
    UPDATE side_file SET begin = -62135596800000000, last = 253402300799999999 WHERE side = 'events';
    """,
    """
    ALTER TABLE event_file ADD COLUMN half INTEGER NOT NULL DEFAULT 0;
    """,
)
"""`day` counts days from 1970-01-01 UTC; `begin`, `end`, `first`, `last`, `hour`, `since` and `taken_at`
are microseconds from then; `offset`, `apart` and `spread` microseconds. `last_end` is the latest end of a
flow whose times are possible. A day is to be rebuilt where `built` is null or less than `dirt`. `lost` is
why a file of the lake is set aside, null where it is whole. `pruned` marks days whose raw flows are gone
by retention, `pruned_rows` how many those were; `base` and `base_hour` are what they came to. `hold` keeps
the raw flows of days from being pruned. `month` is the number of a month's first day; `month_day` says
which roll-ups (by path) it sums up. `garbage` is what nothing refers to any more and a reader may still be
reading. `clock_pair` is what a day's flows say of two clocks, `clock` the offsets with which the day was
built. `object` is what a store's listing said of an object when its content was taken, `stamp` tells one
writing of it from the next. `file.sensor` is empty where a file holds the records of several sensors
(a collector's journal segment). `loss` is what exporters' sequence numbers and the receiver's queue say
of an hour, in the exporter's own unit; its sensor is empty where it is nobody's alone. `stream` is what
a collector must know of an exporter to go on where the last commit ended, `waiting` data whose template
has not come; its `row` is of `file`, `export` microseconds and `uptime` milliseconds. `side_file` holds
what stands beside the flows of a day (`side` is names, logons or events; `until` is when the last connection
ended of which it tells a translation, null where it tells of none; `begin` and `last` are when the first and
the last event of it happened), `file_side` says how many rows a file
gave, where it gave any; `event_file` is a log of a terminal whose events are in side files (`within` the
collection it came in, `owner` the machine that is said to have it, `unread` records that could not be read
and `why`, `last_row` the last that gave an event, `half` is 1 where one of `unread` is a last line that may
still grow), `event_number` gives such logs their numbers, each once.
`gap` is a time of which a sensor's records are known to have been received and not to have come here."""
