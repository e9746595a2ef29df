package stack_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// database keeps these tests apart from those of other packages on the same server.
const database = "/8"

// realRedis is the Redis that make test starts; a test that needs it fails without.
func realRedis(t *testing.T) string {
	t.Helper()
	url := os.Getenv("WXHUB_TEST_REDIS")
	if url == "" {
		if os.Getenv("WXHUB_TEST_REQUIRE_REDIS") == "1" {
			t.Fatal("WXHUB_TEST_REDIS is not set")
		}
		t.Skip("needs a throwaway Redis: run make test, or set WXHUB_TEST_REDIS=redis://127.0.0.1:6379")
	}
	return strings.TrimRight(url, "/") + database
}

// Redis loses everything between any two steps of the main job. What it costs is a
// new login; no order and no user changes.
func TestRedisFlushedBetweenAnyTwoSteps(t *testing.T) {
	url := realRedis(t)
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	flush := func() {
		if err := client.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	b := start(t, "WXHUB_REDIS__URL="+url)
	u := b.newUser()
	p := b.login(u)
	var me, again struct{ ID string }
	b.do(http.MethodGet, "/v1/me", p.session, nil).into(t, 200, &me)
	flush()
	b.do(http.MethodGet, "/v1/me", p.session, nil).into(t, http.StatusUnauthorized, nil)
	o := b.order()
	flush()
	p = b.login(u)
	b.do(http.MethodGet, "/v1/me", p.session, nil).into(t, 200, &again)
	if me.ID != again.ID || me.ID == "" {
		t.Errorf("the person became another: %q, %q", me.ID, again.ID)
	}
	pre := b.prepay(o, p)
	flush()
	if got := b.get(o.ID, ""); got.Status != "pending" || len(got.Payments) != 1 {
		t.Errorf("got %+v", got)
	}
	b.pay(pre.Invoke, p)
	flush()
	if got := b.waitPaid(o.ID); len(got.Payments) != 1 {
		t.Errorf("got %+v", got)
	}
	flush()
	if n := len(b.waitEvent(o.ID, "order.paid")); n != 1 {
		t.Errorf("told %d times", n)
	}
}
