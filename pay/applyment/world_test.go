package applyment

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

const provider = "1900000100"

// memory is a store that keeps applications in memory. Before it keeps anything it may fail.
type memory struct {
	mu   sync.Mutex
	all  map[string]model.Applyment
	fail func(op string) error
}

func (m *memory) spoilt(op string) error {
	if m.fail == nil {
		return nil
	}
	return m.fail(op)
}

func (m *memory) AddApplyment(_ context.Context, a model.Applyment) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.spoilt("add"); err != nil {
		return false, err
	}
	if _, taken := m.all[a.ID]; taken {
		return false, nil
	}
	a.Version = 1
	m.all[a.ID] = a
	return true, nil
}

func (m *memory) Applyment(_ context.Context, id string) (model.Applyment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.all[id]
	if !ok {
		return a, model.ErrNotFound
	}
	return a, nil
}

func (m *memory) ReplaceApplyment(_ context.Context, a model.Applyment) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.spoilt("replace"); err != nil {
		return err
	}
	switch known, ok := m.all[a.ID]; {
	case !ok:
		return model.ErrNotFound
	case known.Version != a.Version:
		return model.ErrStale
	}
	a.Version++
	m.all[a.ID] = a
	return nil
}

func (m *memory) ListApplyments(context.Context, model.ApplymentFilter) ([]model.Applyment, error) {
	return nil, nil
}

func (m *memory) DueApplyments(_ context.Context, now time.Time, _ int) (out []model.Applyment, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.all {
		if !a.CheckAt.IsZero() && !a.CheckAt.After(now) {
			out = append(out, a)
		}
	}
	return out, nil
}

// office is WeChat Pay: it has at most one application for each business_code.
type office struct {
	mu      sync.Mutex
	known   map[string]*wx.ApplymentStatement
	shops   map[string]string // merchant_shortname that is audited, by business_code
	taken   map[string]int    // how often one was taken in
	before  func() error      // strikes before it acts
	after   func() error      // strikes when it has acted: the answer is lost
	silent  error             // what a query answers
	numbers int64
	WeChatPay
}

func (o *office) SubmitApplyment(_ context.Context, _ string, a wx.Applyment) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.before != nil {
		if err := o.before(); err != nil {
			return 0, err
		}
	}
	known := o.known[a.BusinessCode]
	if known != nil && !resubmittable(states[known.State]) {
		return 0, wx.Refused(wx.ErrApplymentUnderWay, model.Upstream{Service: "wechat_pay", Code: "PROCESSING"})
	}
	if known == nil || known.State == wx.ApplymentCanceled {
		o.numbers++
		known = &wx.ApplymentStatement{BusinessCode: a.BusinessCode, ApplymentID: o.numbers}
		o.known[a.BusinessCode] = known
	}
	known.State, known.Rejections = wx.ApplymentAuditing, nil
	o.taken[a.BusinessCode]++
	o.shops[a.BusinessCode] = a.BusinessInfo.MerchantShortname
	if o.after != nil {
		if err := o.after(); err != nil {
			return 0, err
		}
	}
	return known.ApplymentID, nil
}

func (o *office) QueryApplyment(_ context.Context, _, code string) (wx.ApplymentStatement, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.silent != nil {
		return wx.ApplymentStatement{}, o.silent
	}
	if known := o.known[code]; known != nil {
		return *known, nil
	}
	return wx.ApplymentStatement{}, wx.ErrApplymentUnknown
}

func (o *office) says(code string, state wx.ApplymentState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.known[code]
	s.State, s.SignURL = state, "https://sign.example/"
	if state == wx.ApplymentRejected {
		s.Rejections = []wx.ApplymentRejection{{Field: "id_card_copy", FieldName: "身份证", Reason: "不清晰"}}
	}
	if state == wx.ApplymentToBeSigned || state == wx.ApplymentSigning || state == wx.ApplymentFinished {
		s.SubMerchantID = "1900000999"
	}
}

type world struct {
	*Service
	store  *memory
	office *office
	at     time.Time
	t      *testing.T
}

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, at: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), store: &memory{all: map[string]model.Applyment{}},
		office: &office{known: map[string]*wx.ApplymentStatement{}, shops: map[string]string{}, taken: map[string]int{}},
	}
	now := func() time.Time { return w.at }
	w.Service = New(Options{
		Store: w.store, WeChat: w.office, Providers: []string{provider}, Every: 30 * time.Second, Now: now,
		IDs: model.IDs{Now: now, Entropy: rand.Reader}, Log: slog.New(slog.DiscardHandler),
	})
	return w
}

func form(code, shop string) wx.Applyment {
	a := wx.Applyment{BusinessCode: code}
	a.BusinessInfo.MerchantShortname = shop
	a.ContactInfo.ContactName, a.BankAccountInfo.AccountNumber = "张三丰", "6222020000000000001"
	return a
}

func (w *world) submit(code, shop, key string) (model.Applyment, error) {
	return w.Submit(context.Background(), provider, form(code, shop), pay.IdempotencyKey{Scope: "key:shop", Key: key})
}

func (w *world) must(a model.Applyment, err error, want model.ApplymentStatus) model.Applyment {
	w.t.Helper()
	if err != nil || a.Status != want {
		w.t.Fatalf("got %s, %v; want %s", a.Status, err, want)
	}
	return a
}

func (w *world) sweep() {
	w.t.Helper()
	if _, err := w.Sweep(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) stands(code string, want model.ApplymentStatus) model.Applyment {
	w.t.Helper()
	a, err := w.Find(context.Background(), provider, code, false)
	return w.must(a, err, want)
}
