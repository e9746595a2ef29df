-- The identity hub: UnionIDs and conflicts, merged and erased users, tasks, cursors.
-- Identities from before have not been changed since they were claimed: version 1.

ALTER TABLE users ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN erasing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX users_merged  ON users (merged_into, id) WHERE merged_into <> '';
CREATE INDEX users_erasing ON users (id) WHERE erasing = 1;

ALTER TABLE identities ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE identities ADD COLUMN linking INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN moved_app_id TEXT NOT NULL DEFAULT '';
ALTER TABLE identities ADD COLUMN moved_open_id TEXT NOT NULL DEFAULT '';
CREATE INDEX identities_linking ON identities (created_at, app_id, open_id) WHERE linking = 1;

CREATE TABLE unions (
  open_platform TEXT NOT NULL,
  union_id      TEXT NOT NULL,
  version       INTEGER NOT NULL,
  user_id       TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  PRIMARY KEY (open_platform, union_id)
) STRICT;
CREATE INDEX unions_user ON unions (user_id, open_platform, union_id);

CREATE TABLE conflicts (
  id      TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  status  TEXT NOT NULL,
  app_id  TEXT NOT NULL,
  open_id TEXT NOT NULL,
  doc     TEXT NOT NULL
) STRICT;
CREATE INDEX conflicts_status   ON conflicts (status, id);
CREATE INDEX conflicts_identity ON conflicts (app_id, open_id);

CREATE TABLE tasks (
  id         TEXT PRIMARY KEY,
  version    INTEGER NOT NULL,
  status     TEXT NOT NULL,
  due_at     INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  outbox     TEXT,
  doc        TEXT NOT NULL
) STRICT;
CREATE INDEX tasks_due    ON tasks (due_at, id) WHERE status = 'pending';
CREATE INDEX tasks_done   ON tasks (created_at, id) WHERE status = 'done' AND outbox IS NULL;
CREATE INDEX tasks_outbox ON tasks (created_at, id) WHERE outbox IS NOT NULL;

CREATE TABLE cursors (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- Deliveries that have ended are purged after a while: they hold personal data.
CREATE INDEX deliveries_ended ON deliveries (due_at, id) WHERE status <> 'pending';
