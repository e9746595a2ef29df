// Package identitytest is what every store of users, identities, UnionIDs and
// conflicts must pass: the comments of identity.Store as tests, races included.
//
// The suite knows only the interface. A backend's own test calls Run and adds
// what is particular to it.
package identitytest
