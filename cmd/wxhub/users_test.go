package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/pay"
)

const nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV" // has the shape of an id and names nothing

func TestUsersShowMasksPersonalData(t *testing.T) {
	o := newOffice(t)
	survivor, loser := o.merged("alice")
	for _, id := range []string{survivor, loser} {
		code, out, log := o.users("show", id)
		if code != 0 || log != "" {
			t.Errorf("exit code %d: %s", code, log)
		}
		for _, want := range []string{
			"user     " + survivor, "phone    138***00", "identity oOP***ce in " + appOne + " (mini_program), UnionID oUN***ce of \"main\"",
			"in " + appThree, "merge    " + loser + " into " + survivor, "because of union_id", "before: " + loser + " had oOP***ce in ",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("does not say %q:\n%s", want, out)
			}
		}
		for _, never := range []string{"13800138000", openID("alice"), unionID("alice"), "0123456789"} {
			if strings.Contains(out, never) {
				t.Errorf("says %q:\n%s", never, out)
			}
		}
	}
	if out := o.wants(0, "UnionID none", "show", o.born(appOne, "bob")); strings.Contains(out, "merge") {
		t.Errorf("bob was never merged:\n%s", out)
	}
}

func TestUsersExportIsEverythingThatIsKept(t *testing.T) {
	o := newOffice(t)
	survivor, loser := o.merged("alice")
	orders := []string{o.order(survivor, "tea"), o.order(loser, "cake"), o.order(loser, "pie")}
	o.order(o.born(appOne, "bob"), "bob's")
	for _, id := range []string{survivor, loser} {
		code, out, log := o.users("export", id)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, log)
		}
		var e struct {
			User       identity.UserView
			Identities []map[string]string
			Merges     []map[string]string
			Orders     []pay.OrderView
		}
		if err := json.Unmarshal([]byte(out), &e); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if e.User.ID != survivor || e.User.Phone != "13800138000" || len(e.User.Identities) != 2 || len(e.Identities) != 2 {
			t.Errorf("got %+v", e)
		}
		for _, i := range e.Identities {
			if i["open_id"] != openID("alice") || i["union_id"] != unionID("alice") || i["open_platform"] != "main" {
				t.Errorf("got %v", i)
			}
		}
		if len(e.Merges) != 1 || e.Merges[0]["user_id"] != loser || e.Merges[0]["into"] != survivor || e.Merges[0]["cause"] != "union_id" {
			t.Errorf("got %v", e.Merges)
		}
		var got []string
		for _, x := range e.Orders {
			got = append(got, x.ID)
		}
		slices.Sort(got)
		slices.Sort(orders)
		if !slices.Equal(got, orders) {
			t.Errorf("orders %v, want %v", got, orders)
		}
	}
	// Who has nothing has empty lists, not null.
	if _, out, _ := o.users("export", o.born(appOne, "carol")); !strings.Contains(out, `"orders": []`) {
		t.Errorf("got %s", out)
	}
}

// More orders than any page has.
func TestUsersExportHasEveryOrder(t *testing.T) {
	o := newOffice(t)
	id := o.born(appOne, "alice")
	for range 250 {
		o.order(id, "tea")
	}
	if _, out, _ := o.users("export", id); strings.Count(out, `"merchant_id"`) != 250 {
		t.Errorf("%d orders", strings.Count(out, `"merchant_id"`))
	}
}

func TestUsersUnmergeTakesAMergeBack(t *testing.T) {
	o := newOffice(t)
	survivor, loser := o.merged("alice")
	o.wants(1, "not merged into another", "unmerge", survivor)
	o.wants(0, "unmerged: "+loser+" is a user of its own again", "unmerge", loser)
	for _, id := range []string{survivor, loser} {
		if now, err := o.people.Survivor(t.Context(), id); err != nil || now != id {
			t.Errorf("%s is %s, %v", id, now, err)
		}
	}
	o.wants(0, "taken back", "show", loser)
	o.wants(1, "not merged into another", "unmerge", loser)
}

// dispute makes an openid report another UnionID than before.
func (o *office) dispute(name string) (conflict string) {
	o.t.Helper()
	o.meets(appOne, name, name)
	o.meets(appOne, name, name+"2")
	list, err := o.store.ListConflicts(o.t.Context(), model.ConflictOpen, "", 100)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, c := range list {
		if c.OpenID == openID(name) {
			return c.ID
		}
	}
	o.t.Fatal("no conflict")
	return ""
}

func TestUsersConflictsAreListedAndDecided(t *testing.T) {
	o := newOffice(t)
	o.wants(0, "none", "conflicts")
	alice, bob := o.born(appOne, "alice"), o.born(appOne, "bob")
	holder := o.born(appThree, "holder")
	o.meets(appThree, "holder", "bob2") // whose UnionID bob reports later
	first, second := o.dispute("alice"), o.dispute("bob")

	code, out, log := o.users("conflicts")
	if code != 3 || !strings.Contains(log, "2 open; decide each with: wxhub users resolve ID --as keep|adopt") || strings.Count(out, "\n") != 2 {
		t.Errorf("exit code %d:\n%s%s", code, out, log)
	}
	for _, want := range []string{first, second, alice, bob, "oOP***ce in " + appOne, "UnionID oUN***ce on record, then oUN***e2"} {
		if !strings.Contains(out, want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out+log, "0123456789") {
		t.Errorf("something is not masked:\n%s", out)
	}
	o.wants(0, "resolved", "resolve", first, "--as", "keep")
	o.wants(3, "1 open", "conflicts")
	o.wants(0, "resolved", "resolve", second, "--as", "adopt")
	o.wants(0, "none", "conflicts")
	o.wants(1, "resolved already", "resolve", first, "--as", "adopt")

	kept, err := o.store.Identity(t.Context(), model.IdentityKey{AppID: appOne, OpenID: openID("alice")})
	if err != nil || kept.UnionID != unionID("alice") {
		t.Errorf("kept %+v, %v", kept, err)
	}
	a, err1 := o.people.Survivor(t.Context(), bob)
	b, err2 := o.people.Survivor(t.Context(), holder)
	if err1 != nil || err2 != nil || a != b {
		t.Errorf("adopted, and bob is %s, the holder %s", a, b)
	}
}

func TestMoreConflictsThanAPage(t *testing.T) {
	o := newOffice(t)
	for i := range 130 {
		id := string(rune('a'+i/26)) + string(rune('a'+i%26))
		o.meets(appOne, "x"+id, "x"+id)
		o.meets(appOne, "x"+id, "y"+id)
	}
	if code, out, log := o.users("conflicts"); code != 3 || strings.Count(out, "\n") != 130 || !strings.Contains(log, "130 open") {
		t.Errorf("exit code %d, %d lines: %s", code, strings.Count(out, "\n"), log)
	}
}

func TestUsersCommandsSayWhatIsWrong(t *testing.T) {
	o := newOffice(t)
	alice := o.born(appOne, "alice")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"show nobody":         {[]string{"show", nobody}, 1, "there is no such user"},
		"show no id":          {[]string{"show", "../x"}, 1, "there is no such user"},
		"export nobody":       {[]string{"export", nobody}, 1, "there is no such user"},
		"erase nobody":        {[]string{"erase", nobody, "--reason", "test"}, 1, "there is no such user"},
		"erase, no reason":    {[]string{"erase", alice}, 2, "--reason"},
		"unmerge nobody":      {[]string{"unmerge", nobody}, 1, "there is no such user"},
		"unmerge nothing":     {[]string{"unmerge", alice}, 1, "this user is not merged into another"},
		"resolve nothing":     {[]string{"resolve", "none", "--as", "keep"}, 1, "there is no such conflict"},
		"resolve, no verdict": {[]string{"resolve", "none"}, 2, "--as"},
		"resolve, no such":    {[]string{"resolve", "none", "--as", "maybe"}, 2, "keep"},
		"no command":          {nil, 2, "show"},
		"no user":             {[]string{"show"}, 2, "<id>"},
	} {
		t.Run(name, func(t *testing.T) {
			if out := o.wants(c.code, c.says, c.args...); c.code == 1 && strings.Count(out, "\n") != 1 {
				t.Errorf("not one line:\n%s", out)
			}
		})
	}
	o.env = append(o.env, "WXHUB_REDIS__URL=redis://:hunter2-canary@"+freeAddr(t))
	o.wants(1, "redis.url", "show", alice)
	o.env = append(o.env, "WXHUB_STORE__URL=ftp://hunter2-canary")
	o.wants(2, "store.url", "show", alice)
	if p, err := o.people.Person(t.Context(), alice); err != nil || !p.User.ErasedAt.IsZero() {
		t.Errorf("%+v, %v", p, err)
	}
}
