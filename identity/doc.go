// Package identity knows who a person is: it logs them in through WeChat, keeps
// their identities, and speaks for them by opaque session tokens.
//
// # What holds
//
//   - One (app_id, open_id) belongs to exactly one user, at any time and under any
//     interleaving: the identity record is claimed first, by its primary key, with
//     the id of the user in it; the user record follows and is put right by the next
//     login when a crash came between the two.
//   - A UnionID is recorded on the identity it came with, scoped by the app's
//     open-platform account. It is never overwritten, not by another value and not
//     by an absent one. A different value is logged and left for an operator.
//   - A session token is 32 random bytes. Only its SHA-256 is stored, in Redis, with
//     a time to live. Redis lost means: log in again.
//   - WeChat's session_key goes from WeChat to Redis and never anywhere else.
//
// Joining the identities of one person by UnionID comes on top of these records.
package identity
