package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/sqlitestore"
)

func openStore(t *testing.T, file string) *sqlitestore.Store {
	t.Helper()
	store, err := sqlitestore.Open(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// office is what an operator has: a configuration and a store with people in it.
type office struct {
	t          *testing.T
	configFile string
	file       string
	store      *sqlitestore.Store
	people     *identity.Service
	env        []string
}

func newOffice(t *testing.T, env ...string) *office {
	t.Helper()
	_, configFile := weChat(t)
	o := &office{t: t, configFile: configFile, file: filepath.Join(filepath.Dir(configFile), "wxhub.db")}
	o.env = append(settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1"), env...)
	o.store = openStore(t, o.file)
	t.Cleanup(func() { _ = o.store.Close() })
	o.people = identity.New(identity.Options{
		Store: o.store, Now: time.Now, IDs: model.IDs{Now: time.Now, Entropy: rand.Reader}, Entropy: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Apps: []identity.App{
			{ID: appOne, Kind: model.MiniProgram, OpenPlatform: "main"}, {ID: appThree, Kind: model.MiniProgram, OpenPlatform: "main"},
		},
	})
	return o
}

// openID and unionID are of a length that WeChat's have, so that masking shows.
func openID(name string) string  { return "oOPENID-0123456789-" + name }
func unionID(name string) string { return "oUNION-0123456789-" + name }

// meets is what a login records of somebody.
func (o *office) meets(app, name, union string) {
	o.t.Helper()
	if union != "" {
		union = unionID(union)
	}
	if err := o.people.Meet(o.t.Context(), model.IdentityKey{AppID: app, OpenID: openID(name)}, union); err != nil {
		o.t.Fatal(err)
	}
}

// born makes a user of somebody in an app, as a login does, with a phone number.
func (o *office) born(app, name string) string {
	o.t.Helper()
	ctx := o.t.Context()
	o.meets(app, name, "")
	i, err := o.store.Identity(ctx, model.IdentityKey{AppID: app, OpenID: openID(name)})
	if err != nil {
		o.t.Fatal(err)
	}
	at, err := model.TimeOfID(i.UserID)
	if err != nil {
		o.t.Fatal(err)
	}
	u := model.User{ID: i.UserID, CreatedAt: at, Phone: "13800138000", PhoneAt: at}
	if created, err := o.store.InsertUser(ctx, u); err != nil || !created {
		o.t.Fatal(created, err)
	}
	return u.ID
}

// merged makes two users of one person, who are joined when the UnionID comes.
func (o *office) merged(name string) (survivor, loser string) {
	o.t.Helper()
	a, b := o.born(appOne, name), o.born(appThree, name)
	o.meets(appOne, name, name)
	o.meets(appThree, name, name)
	survivor, err := o.people.Survivor(o.t.Context(), b)
	if err != nil {
		o.t.Fatal(err)
	}
	if loser = a; survivor == a {
		loser = b
	}
	if now, err := o.people.Survivor(o.t.Context(), loser); err != nil || now != survivor {
		o.t.Fatalf("%s is %s, %v", loser, now, err)
	}
	return survivor, loser
}

// orders makes one paid order of a user.
func (o *office) order(userID, description string) string {
	o.t.Helper()
	id, err := model.IDs{Now: time.Now, Entropy: rand.Reader}.New()
	if err != nil {
		o.t.Fatal(err)
	}
	order := model.Order{
		ID: id, MerchantID: "1900000001", Status: model.OrderPaid, Amount: 990, Currency: model.CNY, Description: description, UserID: userID,
		CreatedAt: model.Instant(time.Now()), ExpiresAt: model.Instant(time.Now()), Version: 1,
	}
	if err := o.store.InsertOrder(o.t.Context(), order); err != nil {
		o.t.Fatal(err)
	}
	return id
}

// users runs wxhub users to its end. Nothing secret may ever be printed.
func (o *office) users(args ...string) (code int, out, log string) {
	o.t.Helper()
	cmd := command(o.env, append([]string{"--config", o.configFile, "users"}, args...)...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // the tests look at ProcessState
	if cmd.ProcessState == nil {
		o.t.Fatal("wxhub did not run")
	}
	out, log = stdout.String(), stderr.String()
	for _, secret := range []string{apiKey, "hunter2", "PRIVATE KEY", "wxs_"} {
		if strings.Contains(out+log, secret) {
			o.t.Errorf("%q was printed", secret)
		}
	}
	return cmd.ProcessState.ExitCode(), out, log
}

// wants runs a command and checks how it ends and what it says.
func (o *office) wants(code int, says string, args ...string) (out string) {
	o.t.Helper()
	got, out, log := o.users(args...)
	if got != code || !strings.Contains(out+log, says) || strings.Contains(log, "goroutine") {
		o.t.Errorf("users %s: exit code %d, want %d and %q:\n%s%s", strings.Join(args, " "), got, code, says, out, log)
	}
	return out + log
}
