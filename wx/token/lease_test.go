package token_test

import (
	"context"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx/token"
)

// timed notes when the lease ends, and until when the calls to WeChat may take.
type timed struct {
	token.Shelf
	*weChat
	lease time.Time
	calls []time.Time
}

func (x *timed) LockToken(ctx context.Context, k model.TokenKey, lease time.Duration) (int64, func(context.Context), error) {
	x.lease = time.Now().Add(lease)
	return x.Shelf.LockToken(ctx, k, lease)
}

func (x *timed) Fetch(ctx context.Context, a token.App, kind model.TokenKind, access model.Secret, force bool) (model.Secret, time.Duration, error) {
	until, _ := ctx.Deadline()
	x.calls = append(x.calls, until)
	return x.weChat.Fetch(ctx, a, kind, access, force)
}

// A report may cost two calls, the second one forced. Both must end within the lease,
// or the holder would still ask while its successor does.
func TestAHolderAsksNothingAfterItsLease(t *testing.T) {
	o := newOffice(t)
	o.source.stuck = true
	k := o.process()
	x := &timed{Shelf: k.Shelf, weChat: o.source}
	k.Shelf, k.Source = x, x
	bad := get(t, k).Value
	x.calls = nil
	if _, err := k.Replace(t.Context(), appID, model.AccessToken, bad); err != nil {
		t.Fatal(err)
	}
	if len(x.calls) != 2 {
		t.Fatalf("%d calls were made", len(x.calls))
	}
	for i, until := range x.calls {
		if !until.Before(x.lease) {
			t.Errorf("call %d may take until %v, the lease ends at %v", i+1, until, x.lease)
		}
	}
}

// The clocks of two machines differ. What was fetched later by the order of the lock is
// the current token, whatever their clocks say.
func TestAProcessWithAFastClockTakesOverALaterToken(t *testing.T) {
	o := newOffice(t)
	fast, slow := o.process(), o.process()
	fast.Now = func() time.Time { return o.now().Add(time.Minute) }
	ctx, stop := context.WithCancel(t.Context())
	watching := make(chan struct{})
	go func() { defer close(watching); fast.Watch(ctx) }()
	defer func() { stop(); <-watching }()
	bad := get(t, fast).Value
	fresh, err := slow.Replace(t.Context(), appID, model.AccessToken, bad)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); get(t, fast).Value != fresh.Value; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the process with the fast clock still gives out the replaced token")
		}
	}
}
