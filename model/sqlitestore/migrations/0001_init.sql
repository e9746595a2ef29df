-- Times are Unix milliseconds; a document holds them as RFC 3339.
-- outbox is a JSON array of unsent events, NULL when there are none.

CREATE TABLE users (
  id         TEXT PRIMARY KEY,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  outbox     TEXT,
  doc        TEXT NOT NULL
) STRICT;
CREATE INDEX users_outbox ON users (created_at, id) WHERE outbox IS NOT NULL;

CREATE TABLE identities (
  app_id        TEXT NOT NULL,
  open_id       TEXT NOT NULL,
  user_id       TEXT NOT NULL,
  kind          TEXT NOT NULL,
  open_platform TEXT NOT NULL,
  union_id      TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  PRIMARY KEY (app_id, open_id)
) STRICT;
CREATE INDEX identities_user ON identities (user_id, created_at, app_id, open_id);

CREATE TABLE orders (
  id          TEXT PRIMARY KEY,
  version     INTEGER NOT NULL,
  status      TEXT NOT NULL,
  user_id     TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  check_at    INTEGER,
  outbox      TEXT,
  doc         TEXT NOT NULL
) STRICT;
CREATE INDEX orders_user     ON orders (user_id, id);
CREATE INDEX orders_merchant ON orders (merchant_id, id);
CREATE INDEX orders_status   ON orders (status, id);
CREATE INDEX orders_due      ON orders (check_at, id) WHERE check_at IS NOT NULL;
CREATE INDEX orders_outbox   ON orders (created_at, id) WHERE outbox IS NOT NULL;

CREATE TABLE idempotent_orders (
  key        TEXT PRIMARY KEY,
  body_hash  TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  doc        TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
  id      TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  status  TEXT NOT NULL,
  due_at  INTEGER NOT NULL,
  doc     TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_due ON deliveries (due_at, id) WHERE status = 'pending';
