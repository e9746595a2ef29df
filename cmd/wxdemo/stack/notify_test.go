package stack_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// postman stands where WeChat Pay sends its notifications: it keeps each one as it
// came and answers 500, so that the test decides what the server gets to see.
type postman struct {
	*httptest.Server
	letters chan letter
}

type letter struct {
	path   string
	header http.Header
	body   []byte
}

func newPostman(t *testing.T) *postman {
	t.Helper()
	p := &postman{letters: make(chan letter, 100)}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p.letters <- letter{r.URL.Path, r.Header.Clone(), body}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *postman) next(t *testing.T) letter {
	t.Helper()
	select {
	case l := <-p.letters:
		return l
	case <-time.After(patience):
		t.Fatal("no notification came")
		return letter{}
	}
}

func TestFiftyConcurrentCopiesOfOneNotification(t *testing.T) {
	post := newPostman(t)
	b := start(t, "WXHUB_SERVER__PUBLIC_URL="+post.URL)
	p := b.login(b.newUser())
	o := b.order()
	b.pay(b.prepay(o, p).Invoke, p)
	l := post.next(t)
	var wg sync.WaitGroup
	statuses := make([]int, 50)
	for i := range statuses {
		wg.Go(func() { statuses[i] = send(t, http.MethodPost, b.URL+l.path, l.header, l.body).Status })
	}
	wg.Wait()
	if slices.ContainsFunc(statuses, func(s int) bool { return s != http.StatusNoContent }) {
		t.Errorf("answers %v", statuses)
	}
	got := b.waitPaid(o.ID)
	if len(got.Payments) != 1 || got.Payments[0].Status != "paid" {
		t.Errorf("got %+v", got)
	}
	ids := map[string]bool{}
	for _, e := range b.waitEvent(o.ID, "order.paid") {
		ids[e.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("order.paid has %d ids", len(ids))
	}
}

// What is changed on the way is refused, and the original is accepted afterwards.
func TestANotificationChangedOnTheWayIsRefused(t *testing.T) {
	post := newPostman(t)
	b := start(t, "WXHUB_SERVER__PUBLIC_URL="+post.URL)
	p := b.login(b.newUser())
	o := b.order()
	b.pay(b.prepay(o, p).Invoke, p)
	l := post.next(t)
	other := b.Sandbox.Credentials().Merchants[1].ID
	for name, spoil := range map[string]func(*letter){
		"one byte more":              func(l *letter) { l.body = append(slices.Clone(l.body), ' ') },
		"one byte less":              func(l *letter) { l.body = l.body[:len(l.body)-1] },
		"no signature":               func(l *letter) { l.header.Del("Wechatpay-Signature") },
		"no serial":                  func(l *letter) { l.header.Del("Wechatpay-Serial") },
		"no nonce":                   func(l *letter) { l.header.Del("Wechatpay-Nonce") },
		"no timestamp":               func(l *letter) { l.header.Del("Wechatpay-Timestamp") },
		"to another merchant":        func(l *letter) { l.path = "/v1/notify/wechat-pay/" + other },
		"to no merchant":             func(l *letter) { l.path = "/v1/notify/wechat-pay/1" },
		"from localhost, so it says": func(l *letter) { l.header.Del("Wechatpay-Signature"); l.header.Set("Host", "localhost") },
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := letter{l.path, l.header.Clone(), l.body}
			spoil(&spoilt)
			a := send(t, http.MethodPost, b.URL+spoilt.path, spoilt.header, spoilt.body)
			if a.Status < 400 || a.Status > 499 {
				t.Errorf("answered %d", a.Status)
			}
			var body struct{ Code string }
			a.into(t, a.Status, &body)
			if body.Code != "FAIL" || b.get(o.ID, "").Status != "pending" {
				t.Errorf("%s; the order is %s", a.Body, b.get(o.ID, "").Status)
			}
		})
	}
	if a := send(t, http.MethodPost, b.URL+l.path, l.header, l.body); a.Status != http.StatusNoContent {
		t.Errorf("the original: %d %s", a.Status, a.Body)
	}
	b.waitPaid(o.ID)
}

// Each fault of the notifier, then WeChat Pay's own retries: the order is never
// paid by a wrong notification, and always in the end.
func TestNotificationFaults(t *testing.T) {
	b := start(t)
	var kinds []string
	for _, k := range sandbox.FaultKinds() {
		if _, err := b.Sandbox.AddFault(sandbox.Fault{Match: "notify", Kind: k.Kind}); err == nil {
			kinds = append(kinds, k.Kind)
		}
		b.Sandbox.ClearFaults()
	}
	if len(kinds) < 10 {
		t.Fatalf("the sandbox knows only %v", kinds)
	}
	p := b.login(b.newUser())
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			b.t = t
			o := b.order()
			pre := b.prepay(o, p)
			b.fault("notify", kind, 1)
			b.pay(pre.Invoke, p)
			for deadline := time.Now().Add(patience); b.get(o.ID, "").Status != "paid"; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the retries did not bring it")
				}
				if _, err := b.Sandbox.AdvanceClock(time.Second); err != nil {
					t.Fatal(err)
				}
			}
			ids := map[string]bool{}
			for _, e := range b.waitEvent(o.ID, "order.paid") {
				ids[e.ID] = true
			}
			if len(ids) != 1 {
				t.Errorf("order.paid has %d ids", len(ids))
			}
		})
	}
}
