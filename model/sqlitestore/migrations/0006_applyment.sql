-- Applications of sub merchants.

CREATE TABLE applyments (
  id          TEXT PRIMARY KEY,
  version     INTEGER NOT NULL,
  merchant_id TEXT NOT NULL,
  status      TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  check_at    INTEGER,
  outbox      TEXT,
  doc         TEXT NOT NULL
) STRICT;
CREATE INDEX applyments_merchant ON applyments (merchant_id, id);
CREATE INDEX applyments_due      ON applyments (check_at, id) WHERE check_at IS NOT NULL;
CREATE INDEX applyments_outbox   ON applyments (created_at, id) WHERE outbox IS NOT NULL;
