package identity_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/model/sqlitestore"
)

// The test binary can be a process of its own that merges two users and kills itself at
// one of the writes.
const (
	killFile  = "WXHUB_TEST_KILL_FILE"  // the store
	killWrite = "WXHUB_TEST_KILL_WRITE" // 1 is the first
	killAfter = "WXHUB_TEST_KILL_AFTER" // "1": when the write has taken effect
	killWhat  = "WXHUB_TEST_KILL_WHAT"  // what the process does
	killUser  = "WXHUB_TEST_KILL_USER"  // and to whom
)

func TestMain(m *testing.M) {
	if file := os.Getenv(killFile); file != "" {
		if err := victim(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// deadly is a store that kills its process, as kill -9 does, at one write.
func deadly(s identity.Store, at int, after bool) identity.Store {
	n := 0
	return &gated{s, func(call string, make func() error) error {
		if writes(call) {
			n++
		}
		doomed := n == at && writes(call)
		if doomed && !after {
			die()
		}
		err := make()
		if doomed {
			die()
		}
		return err
	}}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	time.Sleep(time.Minute) // the signal is on its way
}

// living is a service on the file, as a process that starts has it.
func living(store identity.Store, redis *redisstore.Store, says *wechat) *identity.Service {
	return identity.New(identity.Options{
		Store: store, Sessions: redis, Redemptions: redis, States: redis, MiniPrograms: says, Sites: says, Apps: worldApps, SessionTTL: time.Hour,
		Now: time.Now, IDs: model.IDs{Now: time.Now, Entropy: rand.Reader}, Entropy: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
}

// victim is the child process: alice comes in again and WeChat tells her UnionID, which
// another user holds; or one of them is erased.
func victim(file string) error {
	ctx := context.Background()
	store, err := sqlitestore.Open(ctx, file)
	if err != nil {
		return err
	}
	redis, err := redisstore.Open(ctx, "embedded:")
	if err != nil {
		return err
	}
	at, err := strconv.Atoi(os.Getenv(killWrite))
	if err != nil {
		return err
	}
	says := &wechat{unions: map[string]string{"alice": "union-a"}}
	s := living(deadly(store, at, os.Getenv(killAfter) == "1"), redis, says)
	switch os.Getenv(killWhat) {
	case "merge":
		_, err = s.LoginMiniProgram(ctx, app, "alice-late")
	case "erase":
		err = s.Erase(ctx, os.Getenv(killUser), "test")
	case "unmerge":
		err = s.Unmerge(ctx, os.Getenv(killUser))
	}
	return err
}

// killed runs the victim and reports whether it was killed; false means that it had
// fewer writes than that.
func killed(t *testing.T, file, what, user string, write int, after bool) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killFile+"="+file, killWhat+"="+what, killUser+"="+user,
		killWrite+"="+strconv.Itoa(write), fmt.Sprintf("%s=%d", killAfter, map[bool]int{true: 1}[after]))
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
		t.Fatalf("the child ended with %v: %s", err, out)
	}
	return true
}

// atEveryWrite kills a process at each of its writes, before and after it takes effect,
// each time on a new file, and hands the file to check. It returns how many writes there are.
func atEveryWrite(t *testing.T, what string, prepare func(*world) string, check func(*testing.T, *world, string)) int {
	for write := 1; ; write++ {
		for _, after := range []bool{false, true} {
			before := newWorld(t)
			user := prepare(before)
			if err := before.store.Close(); err != nil {
				t.Fatal(err)
			}
			if !killed(t, before.file, what, user, write, after) {
				return write - 1
			}
			t.Run(fmt.Sprintf("write %d, after %v", write, after), func(t *testing.T) { check(t, reopen(t, before.file), user) })
		}
	}
}

// Two users turn out to be one person, and the process dies at every write of their
// merge. After the restart the repair job alone makes it whole.
func TestKilledAtEveryWriteOfAMerge(t *testing.T) {
	writes := atEveryWrite(t, "merge", func(w *world) string {
		w.wechat.knows("alice", "")
		older := w.login(t, "alice").Person.User.ID // the openid alone
		w.pass(time.Second)                         // ids of one millisecond are in no order
		w.wechat.knows("alice", "union-a")
		younger, err := w.LoginMobileApp(t.Context(), mobileApp, "alice-1")
		if err != nil || younger.Person.User.ID == older {
			t.Fatalf("got %+v, %v", younger, err)
		}
		return younger.Person.User.ID
	}, func(t *testing.T, w *world, younger string) {
		for range 2 { // the second finds nothing left to do
			if _, err := w.Repair(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		left, err := w.store.LinkingIdentities(t.Context(), 10)
		if err != nil || len(left) > 0 {
			t.Errorf("unfinished: %+v, %v", left, err)
		}
		i, err := w.store.Identity(t.Context(), model.IdentityKey{AppID: app, OpenID: "openid-alice-1"})
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Person(t.Context(), younger)
		if err != nil {
			t.Fatal(err)
		}
		if i.UnionID == "" { // it died before it had learned anything: nothing was begun
			if p.User.ID != younger || len(p.Identities) != 1 {
				t.Errorf("got %+v", p)
			}
			return
		}
		u, err := w.store.User(t.Context(), younger)
		if err != nil || p.User.ID != i.UserID || len(p.Identities) != 2 || u.MergedInto != i.UserID || len(u.Merges) != 1 {
			t.Errorf("got %+v, %v; the record %+v", p, err, u)
		}
		if n := count(u.Outbox, model.EventUserMerged); n != 1 {
			t.Errorf("user.merged goes out %d times", n)
		}
		if again := w.login(t, "alice"); again.NewUser || again.Person.User.ID != i.UserID {
			t.Errorf("the next login: %+v", again)
		}
	})
	if writes < 3 {
		t.Errorf("a merge has %d writes; the test has lost them", writes)
	}
	t.Logf("%d writes", writes)
}

func count(events []model.Event, kind model.EventType) (n int) {
	for _, e := range events {
		if e.Type == kind {
			n++
		}
	}
	return n
}
