package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Account is a merchant whose bills are compared.
type Account struct {
	MerchantID   string
	Partner      bool     // a service provider: its bill has the payments of all sub merchants
	SubMerchants []string // of a service provider
}

// Meter counts what is found. It may be nil.
type Meter interface {
	// Reconciled counts one run by its result: ok, or the code of the failure.
	Reconciled(result string)
	// Difference counts one difference of a run.
	Difference(kind model.DifferenceKind, status model.DifferenceStatus)
}

// Options are what a Service is made of.
type Options struct {
	Store    Store
	Payments Payments
	Bills    Bills
	Accounts []Account
	FundFlow bool   // direct merchants' fund-flow bills are looked at too
	At       string // when the day before is compared by itself, such as "10:30" in China; "" for never
	Now      func() time.Time
	Log      *slog.Logger
	Meter    Meter // may be nil
}

// Service compares bills with the books. It holds no state of its own: several processes may use one store.
type Service struct {
	Options
	maxListed int
}

// New makes a service.
func New(o Options) *Service { return &Service{o, listed} }

// Request is one run.
type Request struct {
	MerchantID    string
	SubMerchantID string // of a service provider: this sub merchant alone; "" for all
	Date          string // in China, 2006-01-02
	File          wx.Bill
	FlowFile      wx.Bill // a fund-flow bill of a direct merchant
	// Progress may be nil; it is told how much of the work is done, out of how much.
	Progress func(done, all int64)
}

// Run compares one day and stores what it finds. With a File it is that bill that is compared (and with a FlowFile that account), else it
// is downloaded. The statement that it returns is stored; its differences are listed by
// Differences.
//
// Errors: invalid_input for a merchant, a sub merchant or a day that cannot be; merchant_unknown; those of
// wx/wxpay.Gateway.TradeBill and FundFlowBill; wx.ErrBillUnreadable; any error of the store. Nothing is stored
// about a bill that was not read to its end.
func (s *Service) Run(ctx context.Context, r Request) (model.Statement, error) {
	out, err := s.run(ctx, r)
	if s.Meter != nil {
		result := "ok"
		if err != nil {
			result = model.CodeOf(err)
		}
		s.Meter.Reconciled(result)
	}
	return out, err
}

func (s *Service) run(ctx context.Context, r Request) (model.Statement, error) {
	day, account, err := s.check(r)
	if err != nil {
		return model.Statement{}, err
	}
	started := s.now()
	bill := r.File
	if bill == nil {
		bill, err = s.Bills.TradeBill(ctx, wx.BillRequest{MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID, Date: r.Date})
		if err != nil {
			return model.Statement{}, err
		}
		defer bill.Close() //nolint:errcheck // it was read
	}
	c := newComparison(s, r, day, account, bill)
	c.flow = r.FlowFile
	if c.flow == nil && s.FundFlow && !account.Partner && r.File == nil {
		if c.flow, err = s.Bills.FundFlowBill(ctx, wx.BillRequest{MerchantID: r.MerchantID, Date: r.Date}); err != nil {
			return model.Statement{}, err
		}
		defer c.flow.Close() //nolint:errcheck // it was read
	}
	if err := c.compare(ctx); err != nil {
		return model.Statement{}, err
	}
	return s.finish(ctx, c, started)
}

// check refuses what cannot be compared, before any call.
func (s *Service) check(r Request) (Day, Account, error) {
	at := slices.IndexFunc(s.Accounts, func(a Account) bool { return a.MerchantID == r.MerchantID })
	if at < 0 {
		return Day{}, Account{}, wx.ErrMerchantUnknown
	}
	a := s.Accounts[at]
	switch {
	case r.SubMerchantID != "" && !a.Partner:
		return Day{}, a, model.InvalidField("sub_merchant_id", "must be empty: merchant %s is not a service provider", a.MerchantID)
	case r.SubMerchantID != "" && !slices.Contains(a.SubMerchants, r.SubMerchantID):
		return Day{}, a, model.InvalidField("sub_merchant_id", "is not a sub merchant of %s configured here", a.MerchantID)
	}
	if r.FlowFile != nil && a.Partner {
		return Day{}, a, model.InvalidField("flow_file", "is for direct merchants: a service provider's account has nothing of its sub merchants' payments")
	}
	day, err := ParseDay(r.Date, s.Now())
	if err == nil && r.File == nil {
		err = day.Available(s.Now())
	}
	return day, a, err
}

// StatementID names the statement of a day.
func StatementID(merchantID, subMerchantID, date string) string {
	return "rs_" + digest(merchantID, subMerchantID, date)
}

// DifferenceID names a difference, the same in every run.
func DifferenceID(d model.Difference) string {
	return "rd_" + digest(d.MerchantID, d.Date, string(d.Kind), string(d.Entry), d.Number)
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func (s *Service) now() time.Time { return model.Instant(s.Now()) }

// Statement returns what was found on a day, as the last run left it. Errors: not_found.
func (s *Service) Statement(ctx context.Context, merchantID, subMerchantID, date string) (model.Statement, error) {
	return s.Store.Statement(ctx, StatementID(merchantID, subMerchantID, date))
}

// Differences calls each with every difference that a filter selects, in the order of ID.
func (s *Service) Differences(ctx context.Context, f model.DifferenceFilter, each func(model.Difference) error) error {
	for f.Limit = 200; ; {
		page, err := s.Store.ListDifferences(ctx, f)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, d := range page {
			if err := each(d); err != nil {
				return err
			}
		}
		f.AfterID = page[len(page)-1].ID
	}
}

var errNoDifference = model.NewError(model.KindNotFound, "difference_not_found", "there is no such difference")

// maxNote of a resolution, in characters.
const maxNote = 500

// Resolve says that an operator has seen to an open difference. Resolving twice changes the note.
//
// Errors: difference_not_found; difference_not_open; invalid_input.
func (s *Service) Resolve(ctx context.Context, id, note string) (model.Difference, error) {
	if note = strings.TrimSpace(note); note == "" || len([]rune(note)) > maxNote {
		return model.Difference{}, model.InvalidField("note", "must say in 1 to %d characters what was done", maxNote)
	}
	for {
		d, err := s.Store.Difference(ctx, id)
		if errors.Is(err, model.ErrNotFound) {
			return d, errNoDifference
		}
		if err != nil {
			return d, err
		}
		if err := moveDifference(&d, model.DifferenceResolved); err != nil {
			return d, err
		}
		d.Note, d.ChangedAt = note, s.now()
		if err = s.Store.ReplaceDifference(ctx, d); !errors.Is(err, model.ErrStale) {
			return d, err
		}
	}
}
