CREATE TABLE jobs (
    id VARCHAR(64) NOT NULL,
    front VARCHAR(32) NOT NULL,
    person VARCHAR(128) NOT NULL,
    address JSON NOT NULL,
    "order" JSON NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL,
    answered TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id)
);

CREATE INDEX ix_jobs_answered ON jobs (answered);

CREATE INDEX ix_jobs_person ON jobs (person);

CREATE TABLE room_messages (
    id SERIAL NOT NULL,
    author VARCHAR(3) NOT NULL,
    text TEXT NOT NULL,
    pictures JSON NOT NULL,
    job VARCHAR(64),
    ended JSON,
    created TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (job)
);

CREATE INDEX ix_room_messages_created ON room_messages (created);
