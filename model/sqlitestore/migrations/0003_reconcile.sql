-- Reconciliation: orders by the day on which money moved, differences and statements.
-- moved_from and moved_to are the first and the last time of a payment or a successful
-- refund of an order; NULL when there was none.

ALTER TABLE orders ADD COLUMN moved_from INTEGER;
ALTER TABLE orders ADD COLUMN moved_to INTEGER;
UPDATE orders SET moved_from = moved.least, moved_to = moved.most
FROM (
  SELECT id, min(at) AS least, max(at) AS most FROM (
    SELECT o.id, CAST(round(unixepoch(p.value ->> '$.paid_at', 'subsec') * 1000) AS INTEGER) AS at
    FROM orders o, json_each(o.doc, '$.payments') p WHERE p.value ->> '$.paid_at' IS NOT NULL
    UNION ALL
    SELECT o.id, CAST(round(unixepoch(r.value ->> '$.succeeded_at', 'subsec') * 1000) AS INTEGER)
    FROM orders o, json_each(o.doc, '$.refunds') r WHERE r.value ->> '$.succeeded_at' IS NOT NULL
  ) GROUP BY id
) AS moved WHERE orders.id = moved.id;
CREATE INDEX orders_moved ON orders (merchant_id, moved_to, moved_from) WHERE moved_to IS NOT NULL;

CREATE TABLE differences (
  id              TEXT PRIMARY KEY,
  version         INTEGER NOT NULL,
  merchant_id     TEXT NOT NULL,
  sub_merchant_id TEXT NOT NULL,
  date            TEXT NOT NULL,
  status          TEXT NOT NULL,
  doc             TEXT NOT NULL
) STRICT;
CREATE INDEX differences_day    ON differences (merchant_id, date, id);
CREATE INDEX differences_status ON differences (status, id);

CREATE TABLE statements (
  id      TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  status  TEXT NOT NULL,
  due_at  INTEGER NOT NULL,
  doc     TEXT NOT NULL
) STRICT;
CREATE INDEX statements_due ON statements (due_at, id) WHERE status = 'pending';
