package identitytest

import (
	"slices"
	"testing"

	"wxhub/identity"
	"wxhub/model/storetest"
)

// Store is the store under test.
type Store interface {
	identity.Store
	Close() error
}

// Database opens one set of data; called again after Close it opens the same data.
type Database = storetest.Database[Store]

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o storetest.Options) {
	storetest.Run(t, fresh, Store.Close, o, slices.Concat(identityTests, userTests, unionTests, conflictTests, []storetest.Test[Store]{
		{Name: "a cancelled context changes nothing", Run: cancelled},
	}), reopen)
}

var identityTests = []storetest.Test[Store]{
	storetest.Tests("identities", identities),
	{Name: "identities: the first claim stands", Run: claimTwice},
	{Name: "identities: app and open id together are the key", Run: compositeKey},
	{Name: "identities: a successor is safe from old copies", Run: successor},
	{Name: "identities: of users, oldest first", Run: identitiesOf},
	{Name: "identities: of an app, in pages", Run: identitiesIn},
	{Name: "identities: to be linked, oldest first", Run: linkingIdentities},
	{Name: "identities: race: one claim wins and all see it", Run: raceClaim},
	{Name: "identities: race: claims of what is being deleted", Run: raceClaimDelete},
}

var userTests = []storetest.Test[Store]{
	storetest.Tests("users", users),
	{Name: "users: replacing leaves nothing of the old one", Run: replaceClears},
	{Name: "users: merged into others, in the order of id", Run: mergedInto},
	{Name: "users: of their own, newest first, in pages", Run: listUsers},
	{Name: "users: unsettled", Run: unsettledUsers},
}

var unionTests = []storetest.Test[Store]{
	storetest.Tests("unions", unions),
	{Name: "unions: the first claim stands", Run: claimUnionTwice},
	{Name: "unions: platform and union id together are the key", Run: unionKey},
	{Name: "unions: of users", Run: unionsOf},
	{Name: "unions: race: one claim wins and all see it", Run: raceClaimUnion},
	{Name: "unions: race: claims of what is being deleted", Run: raceClaimDeleteUnion},
}

var conflictTests = []storetest.Test[Store]{
	storetest.Tests("conflicts", conflicts),
	{Name: "conflicts: of a status, in pages", Run: listConflicts},
	{Name: "conflicts: deleted with their identity", Run: deleteConflicts},
}
