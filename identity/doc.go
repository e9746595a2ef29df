// Package identity knows who a person is, whichever door they come through: it logs
// them in, joins the identities that WeChat shows to be one person, and speaks for
// them by opaque session tokens.
//
// # The records
//
// WeChat gives a person another openid in every app, and one UnionID for all apps of
// one open-platform account.
//
//	identity  (app_id, open_id)         → user, and the UnionID that came with it
//	union     (open_platform, union_id) → the user that arrived with it first
//	user      id                        → itself, or merged_into another user
//
// Each rule of uniqueness is the primary key of one record, and every change is
// conditional on the version that was read. No transaction spans two records: what
// holds, holds after every single write.
//
// # Linking and merging
//
// Users form a forest. An identity names a user for ever; merging two users is one
// write, which makes one of them point at the other. The root of the tree is who
// answers: for the id, for its sessions, its orders and its events. An arrival
// (app, openid, perhaps a UnionID) goes through these steps; link.go has them:
//
//  1. claim: insert the identity unless it is there. A new one belongs to the holder of
//     its UnionID, or to a fresh id. It is marked Linking when it carries a UnionID.
//  2. learn: an identity without a UnionID records the first one that it reports and is
//     marked Linking. It never records another one: that makes a conflict for an
//     operator, and nothing is merged.
//  3. link: claim the union for the identity's user. If another user holds it, merge
//     the two. Then take the Linking mark off.
//  4. announce: make the record of the root, with user.created, unless it is there. Until
//     then the id is unborn: nobody has heard of it.
//
// Merging a and b: follow both to their roots. If they are one, it is done. If both are
// born, the younger points at the older: ids sort by time, so this is the greater id at
// the smaller. If one is unborn, it is inserted as merged already. If both are unborn,
// the greater id is. The write is conditional (the root's version; the absence of an
// unborn record), and whoever loses begins again.
//
// Why no cycle can arise: a born root only ever points at a smaller id. An unborn id
// gets its only pointer with the insert that makes it, before anything could point at
// it except unborn greater ids, for which the same holds.
//
// Why nobody is left behind: an identity is marked Linking by the same write that
// records its UnionID, or that claims it for an account migration, and the mark goes only
// after its user and the holder have one root. A crash anywhere leaves the mark; the
// next login or the repair job goes on. The write that merges looks at the loser alone,
// and the survivor may be erased at that moment. So it marks the loser Unsettled, and the
// mark goes when the root was seen to live, or everybody below it was erased.
// All who carry a UnionID have been joined with its one holder, so they are one user.
//
// # What holds
//
//   - One (app_id, open_id) belongs to exactly one user, at any time and under any
//     interleaving.
//   - Identities with one UnionID of one open-platform account end in one user, in
//     whatever order and however concurrently they arrive.
//   - The older user survives. The other's id answers with the survivor for ever. The
//     journal (model.Merge, in the record of the user that was merged away) tells what
//     was before, and user.merged goes out once: both are part of the one write.
//   - A UnionID is scoped by its open-platform account; in an app that names none it
//     is recorded and joins nobody.
//   - An openid that reports another UnionID than before goes to the conflict queue.
//   - Unmerge takes a merge back: it forgets the UnionID on the identity whose arrival
//     joined the two, and cuts the pointer. It is refused when identities that arrived
//     later tie both sides. Should WeChat report the UnionID for that identity again,
//     they are joined again: that is what it means.
//   - Erasing removes personal data (identities, UnionIDs, phone, the journal's
//     details) and keeps ids, so orders stay whole. An erased id answers with an empty
//     user, its sessions end, and the same person is somebody new at the next login. One
//     thing can be left: when a login dies between two writes of the moment in which
//     the person is erased, the erased id may hold their UnionID, which names nobody.
//     Their next login frees it, and erasing again removes it.
//   - A session token is 32 random bytes. Only its SHA-256 is stored, in Redis, with
//     a time to live. Redis lost means: log in again.
//   - WeChat's session_key goes from WeChat to Redis and never anywhere else.
//   - A virtual user of WeChat's snapshot pages is nobody.
package identity
