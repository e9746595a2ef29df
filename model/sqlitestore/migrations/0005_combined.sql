-- Orders that are paid together.

CREATE TABLE combined_orders (
  id         TEXT PRIMARY KEY,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  doc        TEXT NOT NULL
) STRICT;
