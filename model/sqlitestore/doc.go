// Package sqlitestore keeps users, identities, UnionIDs, conflicts, orders,
// idempotency claims, tasks and webhook deliveries in one SQLite file. It is the
// store of a single machine: several processes may share the file, several machines
// may not.
//
// Each aggregate is one row: the columns that queries and conditions need, the
// unsent events in a column of their own, and everything else as one JSON
// document. Uniqueness is a primary key and a change is one UPDATE that names
// the version it was computed from, so a row never holds half a change and no
// answer depends on a check made before a write.
//
// An acknowledged write is on disk: the journal is a WAL and synchronous is FULL.
// Writers queue on one connection (SQLite has one writer anyway), readers have
// their own pool and never wait for a writer.
//
// Errors are model.ErrNotFound, model.ErrExists and model.ErrStale where a method
// says so; everything else that goes wrong, a cancelled context included, is
// model.ErrUnavailable with the cause inside. After ErrUnavailable a write may
// nevertheless have happened: read again before deciding.
//
// What the rows mean is left to the packages that declare the interfaces:
// identity, pay, server/tasks and server/webhook.
package sqlitestore
