// Package model holds the words that all of wxhub shares: users and their
// WeChat identities, orders and their payment attempts, events, money, ids,
// secrets and the one error type.
//
// Nothing here does I/O and nothing here knows a database, an HTTP framework or
// a WeChat SDK. Rules that belong to one capability live there: how an order may
// change is in package pay, how a person is recognised is in package identity.
//
// Conventions: money is Fen (int64); times are UTC with millisecond precision,
// because that is what every store keeps (see Instant); a zero time means "not
// yet" or "never". Aggregates carry a Version: a store replaces an aggregate
// only when the stored version is still the one that was read.
package model
