// Package mongostore keeps users, identities, UnionIDs, conflicts, orders,
// idempotency claims, tasks and webhook deliveries in MongoDB. It is the store for
// more than one machine.
//
// Each aggregate is one document with its unsent events inside, so that every
// change is one command on one document, which MongoDB does whole or not at all:
// no transaction, no TTL and no pipeline update is used. Every rule of uniqueness
// is an _id; a change is conditional on the version it was computed from. Where one
// command deletes several documents, each is deleted by itself, on its own conditions.
//
// Writes are acknowledged by the journals of a majority, and reads ask the primary
// for what a majority has: what was once answered does not roll back. Options in
// the URI that say otherwise are overruled. Retryable writes stay on, so a write
// whose answer got lost is not done twice by the driver.
//
// Errors are model.ErrNotFound, model.ErrExists and model.ErrStale where a method
// says so; everything else that goes wrong, a cancelled context included, is
// model.ErrUnavailable with the cause inside. After ErrUnavailable a write may
// nevertheless have happened: read again before deciding.
//
// What the documents mean is left to the packages that declare the interfaces:
// identity, pay, server/tasks and server/webhook.
package mongostore
