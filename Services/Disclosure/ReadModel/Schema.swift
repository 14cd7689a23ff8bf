/// The tables of the read model. Raise `ReadModel.version` with every change: the next start then makes a new
/// file and reads the topics into it from their beginning.
enum Schema {
    static let steps = [
        """
        CREATE TABLE model (
            -- Grows with every record that changed something.
            version INTEGER NOT NULL,
            -- Grows with every change of the registry.
            registry INTEGER NOT NULL,
            updated_at INTEGER,
            -- Words that were erased since the file was last compacted (`Erasure`).
            erased INTEGER NOT NULL
        );
        INSERT INTO model VALUES (0, 0, NULL, 0);

        CREATE TABLE registry (
            kind TEXT NOT NULL, id TEXT NOT NULL, entity BLOB NOT NULL,
            PRIMARY KEY (kind, id)
        ) WITHOUT ROWID;

        CREATE TABLE complaints (
            code TEXT PRIMARY KEY, received_at INTEGER NOT NULL, status TEXT NOT NULL, category TEXT NOT NULL,
            river TEXT, reach TEXT,
            -- The key of what the citizen wrote; NULL: he wrote nothing.
            words TEXT,
            -- 1: a citizen complains, and not a station.
            citizens INTEGER NOT NULL,
            -- What a list shows of it (`ListedComplaint`).
            listed BLOB NOT NULL,
            complaint BLOB NOT NULL,
            -- For filters alone (`ComplaintFilter`). Overdue is 1 while it is open and a deadline has passed.
            region TEXT, assignee TEXT, overdue INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            longitude REAL, latitude REAL
        );
        CREATE INDEX complaints_by_time ON complaints (received_at, code);
        CREATE INDEX complaints_by_status ON complaints (status, received_at, code);
        CREATE INDEX complaints_by_category ON complaints (category, received_at, code);
        CREATE INDEX complaints_by_river ON complaints (river, received_at, code) WHERE river IS NOT NULL;
        CREATE INDEX complaints_by_reach ON complaints (reach, received_at, code) WHERE reach IS NOT NULL;

        CREATE INDEX complaints_by_region ON complaints (region, received_at, code) WHERE region IS NOT NULL;
        CREATE INDEX complaints_by_assignee ON complaints (assignee, received_at, code) WHERE assignee IS NOT NULL;
        CREATE INDEX complaints_overdue ON complaints (received_at, code) WHERE overdue = 1;
        CREATE INDEX complaints_by_update ON complaints (updated_at, code);

        -- How many numbers follow a complaint. The counts come before or after the complaint's events.
        CREATE TABLE follows (code TEXT PRIMARY KEY, follows INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE timeline (
            code TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
            -- The key of what was said with it; NULL: nothing was.
            words TEXT,
            entry BLOB NOT NULL,
            -- The status of the complaint after it.
            status TEXT NOT NULL,
            PRIMARY KEY (code, version)
        ) WITHOUT ROWID;
        CREATE INDEX timeline_by_time ON timeline (at, code, version);

        -- By the key that they have on their topic, complaint/cause (`WordsKey`). They come before or after the event
        -- that refers to them, so they are joined when a page is asked for.
        CREATE TABLE words (
            key TEXT PRIMARY KEY,
            -- NULL: they are withheld, and what comes under this key is dropped.
            said BLOB,
            -- When they were said, in milliseconds since 1970.
            at INTEGER NOT NULL
        );

        -- Where a stored picture is named, as long as the words are there.
        CREATE TABLE pictures (picture TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (picture, key)) WITHOUT ROWID;
        CREATE INDEX pictures_by_key ON pictures (key);
        CREATE TRIGGER words_removed AFTER DELETE ON words BEGIN
            DELETE FROM pictures WHERE key = old.key;
        END;
        CREATE TRIGGER words_changed AFTER UPDATE OF said ON words BEGIN
            DELETE FROM pictures WHERE key = old.key;
        END;

        -- Until when what was said of a complaint was erased, by the event that tells of it.
        CREATE TABLE erasures (code TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;

        -- What offices have said about showing the words of a key (`Withholding`).
        CREATE TABLE withholdings (key TEXT PRIMARY KEY, withholding BLOB NOT NULL) WITHOUT ROWID;

        -- Complaints of a river or a reach, kept while they are applied: a list of rivers must not count them all.
        CREATE TABLE counts (
            kind TEXT NOT NULL, id TEXT NOT NULL, complaints INTEGER NOT NULL, open INTEGER NOT NULL,
            ratings INTEGER NOT NULL, satisfied INTEGER NOT NULL,
            PRIMARY KEY (kind, id)
        ) WITHOUT ROWID;

        CREATE TABLE readings (
            section TEXT NOT NULL, observed_at INTEGER NOT NULL, period TEXT NOT NULL, origin TEXT NOT NULL,
            class INTEGER,
            -- 0: everything of it was withdrawn; it is told with its former values alone.
            stands INTEGER NOT NULL,
            -- 1: something of it waits for review.
            provisional INTEGER NOT NULL,
            reading BLOB NOT NULL,
            PRIMARY KEY (section, observed_at, period, origin)
        ) WITHOUT ROWID;

        -- What later reports took the place of, in the order in which they did.
        CREATE TABLE former_values (
            id INTEGER PRIMARY KEY,
            section TEXT NOT NULL, observed_at INTEGER NOT NULL, period TEXT NOT NULL, origin TEXT NOT NULL,
            part BLOB NOT NULL
        );
        CREATE INDEX former_by_reading ON former_values (section, observed_at, period, origin);
        CREATE INDEX graded_by_section ON readings (section, observed_at) WHERE class IS NOT NULL;
        CREATE INDEX provisional_by_time ON readings (observed_at, section) WHERE provisional = 1;
        CREATE INDEX graded_by_time ON readings (observed_at) WHERE class IS NOT NULL;

        -- What was added up of each section (`Summary.packed`): a day as days since 1970, a month as months since
        -- the year 0.
        CREATE TABLE day_summaries (
            section TEXT NOT NULL, day INTEGER NOT NULL, summary BLOB NOT NULL,
            PRIMARY KEY (section, day)
        ) WITHOUT ROWID;
        CREATE TABLE month_summaries (
            section TEXT NOT NULL, month INTEGER NOT NULL, summary BLOB NOT NULL,
            PRIMARY KEY (section, month)
        ) WITHOUT ROWID;

        -- The hours of each outfall and day. They are judged when somebody asks, by the permits of that moment.
        CREATE TABLE discharges (
            outfall TEXT NOT NULL, day INTEGER NOT NULL, discharge BLOB NOT NULL,
            PRIMARY KEY (outfall, day)
        ) WITHOUT ROWID;

        -- Breaches of permits that became a complaint.
        CREATE TABLE breaches (
            id TEXT PRIMARY KEY, outfall TEXT NOT NULL, since INTEGER NOT NULL, code TEXT NOT NULL,
            raised BLOB NOT NULL,
            -- How it ended, and the breaches that were counted until then; NULL: it goes on.
            ended BLOB
        ) WITHOUT ROWID;
        CREATE INDEX breaches_by_outfall ON breaches (outfall, since);

        CREATE TABLE publications (key TEXT PRIMARY KEY, publication BLOB NOT NULL) WITHOUT ROWID;

        -- As they are on the topic: by day and partition.
        CREATE TABLE indicators (
            kind TEXT NOT NULL, id TEXT NOT NULL, day INTEGER NOT NULL, partition INTEGER NOT NULL,
            open INTEGER NOT NULL, tally BLOB NOT NULL,
            PRIMARY KEY (kind, id, day, partition)
        ) WITHOUT ROWID;
        CREATE INDEX indicators_by_day ON indicators (kind, day);
        -- How old open complaints are follows from the days on which they were received.
        CREATE INDEX indicators_open ON indicators (kind, day) WHERE open > 0;
        -- The sums of days and partitions, kept while they are applied: nobody adds up a year day by day.
        CREATE TABLE month_indicators (
            kind TEXT NOT NULL, month INTEGER NOT NULL, id TEXT NOT NULL, tally BLOB NOT NULL,
            PRIMARY KEY (kind, month, id)
        ) WITHOUT ROWID;
        """
    ]
}
