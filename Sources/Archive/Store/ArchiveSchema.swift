import GRDB

/// The tables of `archive.db`, as append-only migrations. Stored bodies are never migrated.
enum ArchiveSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 sources, blocks and what waits beside them") { db in
            try db.execute(
                sql: """
                    CREATE TABLE sources(
                        id INTEGER PRIMARY KEY,
                        source BLOB NOT NULL UNIQUE,
                        session BLOB NOT NULL,
                        user TEXT NOT NULL,
                        kind INTEGER NOT NULL,
                        head INTEGER NOT NULL,
                        head_hash BLOB NOT NULL,
                        boot BLOB,
                        machine_offset_us INTEGER NOT NULL DEFAULT 0,
                        end_us INTEGER NOT NULL,
                        closed INTEGER NOT NULL DEFAULT 0
                    ) STRICT;
                    CREATE INDEX sources_session ON sources(session);
                    CREATE TABLE blocks(
                        arrival INTEGER PRIMARY KEY AUTOINCREMENT,
                        source INTEGER NOT NULL,
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        start_us INTEGER NOT NULL,
                        end_us INTEGER NOT NULL,
                        body BLOB NOT NULL
                    ) STRICT;
                    CREATE UNIQUE INDEX blocks_source ON blocks(source, first);
                    CREATE TABLE keyframes(
                        id INTEGER PRIMARY KEY,
                        source INTEGER NOT NULL,
                        seq INTEGER NOT NULL,
                        time_us INTEGER NOT NULL,
                        body BLOB NOT NULL
                    ) STRICT;
                    CREATE UNIQUE INDEX keyframes_source ON keyframes(source, seq);
                    CREATE TABLE ahead(
                        id INTEGER PRIMARY KEY,
                        source BLOB NOT NULL,
                        seq INTEGER NOT NULL,
                        user TEXT NOT NULL,
                        body BLOB NOT NULL,
                        UNIQUE(source, seq)
                    ) STRICT;
                    CREATE TABLE blobs(hash BLOB NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT;
                    CREATE TABLE redactions(
                        id INTEGER PRIMARY KEY, source BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, ranges BLOB
                    ) STRICT;
                    CREATE TABLE lost(
                        id INTEGER PRIMARY KEY, source BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE conflicts(
                        id INTEGER PRIMARY KEY, source BLOB NOT NULL, seq INTEGER NOT NULL,
                        hash BLOB NOT NULL, previous BLOB NOT NULL, expected BLOB NOT NULL, arrived_us INTEGER NOT NULL,
                        UNIQUE(source, seq, hash)
                    ) STRICT;
                    CREATE TABLE quarantine(
                        id INTEGER PRIMARY KEY, arrived_us INTEGER NOT NULL, reason TEXT NOT NULL, size INTEGER NOT NULL,
                        body BLOB NOT NULL
                    ) STRICT;
                    CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2 when a source last grew, and how far the team has it") { db in
            try db.execute(
                sql: """
                    ALTER TABLE sources ADD COLUMN arrived_us INTEGER NOT NULL DEFAULT 0;
                    CREATE TABLE watermarks(
                        source BLOB NOT NULL PRIMARY KEY, archive BLOB NOT NULL, seq INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        return migrator
    }
}
