// Package token keeps the access tokens and tickets of every app, so that nothing
// else ever asks WeChat for one.
//
// # How a token is had
//
// A reader takes the local copy: a map lookup, no I/O. Without one it looks into the
// shelf (Redis), and only when that has none does it ask WeChat, holding the shelf's
// lock, so that of all processes one asks and the others wait and read. A background
// job renews ahead of time, off the request path. The lock is a lease: a holder that
// dies is replaced when it ends, and a fence keeps a holder that comes late from
// overwriting what its successor stored.
//
// # What goes wrong, and what then
//
//   - Redis is away: the local copy serves until it truly expires. A process that has
//     none asks WeChat by itself, once, and stable_token gives all of them the same.
//   - WeChat is away: the last token serves until it expires; tries are paced.
//   - A user of a token reports it bad (40001): it is dropped only while it is still
//     the current one, so a hundred reports make one refresh. When WeChat insists on
//     the bad token, a forced refresh follows, of which WeChat allows 20 a day.
//   - WeChat refuses for good (wrong secret, wrong appid, address not on the list,
//     quota): one call, then the same typed error for everybody until FaultPause is over.
//   - The appsecret changes: what was fetched with the old one is ignored at once.
//
// A token is known by its app and its kind, and fetched by a Source. The tokens of a
// third-party platform (component_access_token, and one for each authorizer) will be
// more kinds with a Source of their own; nothing else changes for them.
package token
