package sqlitestore_test

import (
	"context"
	"os"
	"reflect"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// TestUpgradeKeepsWhatIsThere opens a file of the first schema version, with rows as
// they were written then.
func TestUpgradeKeepsWhatIsThere(t *testing.T) {
	path := t.TempDir() + "/wxhub.db"
	first, err := os.ReadFile("migrations/0001_init.sql")
	must(t, err)
	execute(string(first)+`
		PRAGMA application_id = 0x77786862; PRAGMA user_version = 1;
		INSERT INTO users VALUES ('user-1', 3, 1772352000000, '[{"id":"event-1","type":"user.created","subject":"user-1"}]',
			'{"phone":"8613800000000"}');
		INSERT INTO identities VALUES ('wx1', 'open-1', 'user-1', 'mini_program', 'main', 'union-1', 1772352000000)`)(t, path)
	s := open(t, path)
	defer s.Close()
	ctx := context.Background()

	identity := model.Identity{
		AppID: "wx1", OpenID: "open-1", UserID: "user-1", Kind: model.MiniProgram, OpenPlatform: "main", UnionID: "union-1",
		CreatedAt: storetest.Epoch(), Version: 1,
	}
	if got, err := s.Identity(ctx, identity.Key()); err != nil || got != identity {
		t.Errorf("identity, error %v:\n got %+v\nwant %+v", err, got, identity)
	}
	identity.Linking = true
	must(t, s.ReplaceIdentity(ctx, identity))
	if got, err := s.LinkingIdentities(ctx, 10); err != nil || len(got) != 1 || got[0].Version != 2 {
		t.Errorf("linking: %+v, error %v", got, err)
	}

	user := model.User{
		ID: "user-1", Phone: "8613800000000", CreatedAt: storetest.Epoch(), Version: 3,
		Outbox: []model.Event{{ID: "event-1", Type: model.EventUserCreated, Subject: "user-1"}},
	}
	if got, err := s.ListUsers(ctx, "", 10); err != nil || !reflect.DeepEqual(got, []model.User{user}) {
		t.Errorf("users, error %v:\n got %+v\nwant %+v", err, got, user)
	}
	if got, err := s.UnsettledUsers(ctx, 10); err != nil || len(got) != 0 {
		t.Errorf("unsettled: %+v, error %v", got, err)
	}
	user.MergedInto = "user-0"
	must(t, s.ReplaceUser(ctx, user))
	if got, err := s.MergedInto(ctx, "user-0"); err != nil || len(got) != 1 || got[0].Version != 4 {
		t.Errorf("merged: %+v, error %v", got, err)
	}
}

// TestUpgradeFindsTheDayOfOldOrders: orders from before are reconciled like new ones.
func TestUpgradeFindsTheDayOfOldOrders(t *testing.T) {
	path := t.TempDir() + "/wxhub.db"
	first, err := os.ReadFile("migrations/0001_init.sql")
	must(t, err)
	execute(string(first)+`
		PRAGMA application_id = 0x77786862; PRAGMA user_version = 1;
		INSERT INTO orders VALUES
			('unpaid', 1, 'created', '', 'shop', 0, NULL, NULL, '{"merchant_id":"shop","status":"created","amount":1,"currency":"CNY"}'),
			('paid', 1, 'paid', '', 'shop', 0, NULL, NULL, '{"merchant_id":"shop","status":"paid","amount":1,"currency":"CNY",
				"payments":[{"id":"1","out_trade_no":"1"},{"id":"2","out_trade_no":"2","paid_at":"2026-03-01T08:00:00.007Z"}]}'),
			('refunded', 1, 'refunded', '', 'shop', 0, NULL, NULL, '{"merchant_id":"shop","status":"refunded","amount":1,"currency":"CNY",
				"payments":[{"id":"1","out_trade_no":"1","paid_at":"2026-02-01T08:00:00Z"}],"refunds":[{"id":"R","succeeded_at":"2026-03-01T08:00:00.007Z"}]}')`)(t, path)
	s := open(t, path)
	defer s.Close()
	at := storetest.Epoch().Add(7 * time.Millisecond)
	for _, c := range []struct {
		from, until time.Time
		want        int
	}{{at, at.Add(time.Millisecond), 2}, {at.Add(-time.Hour), at, 0}, {at.Add(time.Millisecond), at.Add(time.Hour), 0}} {
		n := 0
		must(t, s.MovedOrders(context.Background(), "shop", "", c.from, c.until, func(model.Order) error { n++; return nil }))
		if n != c.want {
			t.Errorf("from %s: %d orders, want %d", c.from, n, c.want)
		}
	}
}
