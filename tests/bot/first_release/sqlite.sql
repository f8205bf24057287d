CREATE TABLE jobs (
    id VARCHAR(64) NOT NULL,
    front VARCHAR(32) NOT NULL,
    person VARCHAR(128) NOT NULL,
    address JSON NOT NULL,
    "order" JSON NOT NULL,
    created DATETIME NOT NULL,
    answered DATETIME,
    PRIMARY KEY (id)
);

CREATE INDEX ix_jobs_answered ON jobs (answered);

CREATE INDEX ix_jobs_person ON jobs (person);

CREATE TABLE room_messages (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    author VARCHAR(3) NOT NULL,
    text TEXT NOT NULL,
    pictures JSON NOT NULL,
    job VARCHAR(64),
    ended JSON,
    created DATETIME NOT NULL,
    UNIQUE (job)
);

CREATE INDEX ix_room_messages_created ON room_messages (created);
