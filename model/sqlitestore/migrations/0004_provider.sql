-- Transfers to people.

CREATE TABLE transfers (
  id         TEXT PRIMARY KEY,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  check_at   INTEGER,
  outbox     TEXT,
  doc        TEXT NOT NULL
) STRICT;
CREATE INDEX transfers_due    ON transfers (check_at, id) WHERE check_at IS NOT NULL;
CREATE INDEX transfers_outbox ON transfers (created_at, id) WHERE outbox IS NOT NULL;
