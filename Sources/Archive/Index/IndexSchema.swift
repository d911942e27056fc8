import GRDB

/// The tables of `index.db`: projections of the truth, filled in arrival order, refilled when they are missing.
enum IndexSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 sessions, documents, saves, commands, notes, environments") { db in
            try db.execute(
                sql: """
                    CREATE TABLE progress(id INTEGER PRIMARY KEY CHECK(id = 1), arrival INTEGER NOT NULL) STRICT;
                    INSERT INTO progress VALUES(1, 0);
                    CREATE TABLE sessions(
                        id INTEGER PRIMARY KEY,
                        session BLOB NOT NULL UNIQUE,
                        title TEXT NOT NULL DEFAULT '',
                        tags TEXT NOT NULL DEFAULT '',
                        workspace BLOB,
                        user TEXT NOT NULL DEFAULT '',
                        host TEXT NOT NULL DEFAULT '',
                        reach INTEGER NOT NULL DEFAULT 0,
                        first_us INTEGER NOT NULL,
                        last_us INTEGER NOT NULL,
                        closed_us INTEGER,
                        edits INTEGER NOT NULL DEFAULT 0,
                        output_bytes INTEGER NOT NULL DEFAULT 0
                    ) STRICT;
                    CREATE TABLE sources(
                        id INTEGER PRIMARY KEY,
                        source BLOB NOT NULL UNIQUE,
                        session INTEGER NOT NULL,
                        kind INTEGER NOT NULL DEFAULT 0,
                        program TEXT NOT NULL DEFAULT '',
                        user TEXT NOT NULL DEFAULT '',
                        head INTEGER NOT NULL DEFAULT 0,
                        end_us INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE documents(
                        id INTEGER PRIMARY KEY,
                        source INTEGER NOT NULL,
                        number INTEGER NOT NULL,
                        path BLOB NOT NULL,
                        language TEXT NOT NULL,
                        private INTEGER NOT NULL,
                        first_us INTEGER NOT NULL,
                        last_us INTEGER NOT NULL,
                        edits INTEGER NOT NULL DEFAULT 0,
                        UNIQUE(source, number)
                    ) STRICT;
                    CREATE TABLE saves(
                        id INTEGER PRIMARY KEY, document INTEGER NOT NULL, time_us INTEGER NOT NULL,
                        seq INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL
                    ) STRICT;
                    CREATE INDEX saves_document ON saves(document);
                    CREATE TABLE commands(
                        id INTEGER PRIMARY KEY,
                        source INTEGER NOT NULL,
                        number INTEGER NOT NULL,
                        time_us INTEGER NOT NULL,
                        text BLOB,
                        directory BLOB NOT NULL,
                        shell TEXT NOT NULL,
                        status INTEGER,
                        duration_us INTEGER,
                        UNIQUE(source, number)
                    ) STRICT;
                    CREATE TABLE notes(
                        id INTEGER PRIMARY KEY, session INTEGER NOT NULL, note TEXT NOT NULL UNIQUE, time_us INTEGER NOT NULL,
                        text TEXT NOT NULL, tags TEXT NOT NULL, next INTEGER NOT NULL, todo INTEGER NOT NULL,
                        path BLOB, line INTEGER, done INTEGER NOT NULL DEFAULT 0
                    ) STRICT;
                    CREATE TABLE environments(
                        id INTEGER PRIMARY KEY, source INTEGER NOT NULL, time_us INTEGER NOT NULL,
                        seq INTEGER NOT NULL, idx INTEGER NOT NULL, whole INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE activity(
                        session INTEGER NOT NULL, minute INTEGER NOT NULL, human INTEGER NOT NULL, PRIMARY KEY(session, minute)
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2 where sessions go") { db in
            try db.execute(
                sql: """
                    ALTER TABLE sessions ADD COLUMN broker TEXT NOT NULL DEFAULT '';
                    ALTER TABLE sessions ADD COLUMN virtual_host TEXT NOT NULL DEFAULT '';
                    CREATE TABLE floors(
                        session INTEGER NOT NULL, source BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(session, source)
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        return migrator
    }
}
