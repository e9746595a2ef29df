package pay

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Payment by code (付款码): the merchant's device scans what the payer shows, and the money
// moves without the payer doing more, or after a password. WeChat Pay sends no notification of
// it, so the answer, the queries of ChaseCodes and the reversal are all that there is:
//
//	         USERPAYING          verified SUCCESS
//	created ────────────▶ pending ─────────────▶ paid
//	   │ └────────────────────│────────────────────▲ ▲
//	   │                      │                    │ │ refused, and asked about: SUCCESS
//	   ├─▶ failed  refused    ├──▶ reversing ──────│─┘
//	   └──────────────────────┘      │  ▲          │
//	                        reversed ▼  │ SUCCESS  │ never, once it was reversed
//	                               closed ─────────┘
//
// A payment that nobody has decided about 45 seconds after it began is taken back. That it
// will be is stored before WeChat Pay is told, and from then on SUCCESS does not settle the
// order: the reversal refunds it. It is repeated until WeChat Pay confirms it. So no payment
// is both taken back and fulfilled, whenever a process dies.

// CodePay is what this package needs of WeChat Pay for payments by code. The merchant decides
// which API it is: wx/wxpay.Gateway (APIv3) or wx/micropay.Gateway (APIv2); the errors are
// those listed there.
type CodePay interface {
	// PayCode charges a code, once. SUCCESS and USERPAYING are states of the answer.
	PayCode(ctx context.Context, p wx.CodePayment) (wx.Transaction, error)
	QueryCode(ctx context.Context, t wx.CodeTrade) (wx.Transaction, error)
	// ReverseCode takes it back; nil means that this is confirmed.
	ReverseCode(ctx context.Context, t wx.CodeTrade) error
}

// Code is what a merchant's device has scanned, and where it stands.
type Code struct {
	AuthCode model.Secret // 18 digits
	StoreID  string       // the merchant's own number of the shop; "" when it has none
	DeviceID string       // of the device; "" when it has none
}

// authCodeShape is a payer's code of WeChat's (PROTOCOL §5).
var authCodeShape = regexp.MustCompile(`^1[0-5][0-9]{16}$`)

// codeUnresolved are the statuses in which a payment by code wants to be looked at.
var codeUnresolved = []model.PaymentStatus{model.PaymentCreated, model.PaymentPending, model.PaymentReversing}

// authCode checks that the caller may charge codes and has one, and returns its hash. Only a
// backend may: whoever photographs the code of the person in front of them in the queue must
// not be able to pay their own order with it.
func (s *Service) authCode(o model.Order, r PrepayRequest) (string, error) {
	if _, none := s.CodePay.(noCodePay); none {
		return "", errMethod
	}
	if !r.Caller.Backend {
		return "", errBackendOnly
	}
	if !authCodeShape.MatchString(r.Code.AuthCode.Reveal()) {
		return "", model.InvalidField("auth_code", "must be the 18 digits of the payer's code in WeChat, which begin with 10 to 15")
	}
	return hash(o.ID + "\x00" + r.Code.AuthCode.Reveal()), nil
}

// codeUnderWay returns the payment by code that is not resolved yet, or nil.
func codeUnderWay(o model.Order) *model.Payment {
	at := slices.IndexFunc(o.Payments, func(p model.Payment) bool { return p.Method == model.MethodCode && unresolved(p) })
	if at < 0 {
		return nil
	}
	return &o.Payments[at]
}

// codeTradeOf names a payment by code at WeChat Pay.
func (s *Service) codeTradeOf(o model.Order, p model.Payment) wx.CodeTrade {
	w := s.prepayOf(o, p)
	return wx.CodeTrade{Trade: w.Trade, AppID: w.AppID, SubAppID: w.SubAppID}
}

const (
	// codeEvery is how often a payment by code is asked about, the first time included.
	codeEvery = 5 * time.Second
	// codePatience is when it is taken back (PROTOCOL §5, of 2025-08).
	codePatience = 45 * time.Second
	// reverseAfter is how long after the charge it may first be taken back.
	reverseAfter = 15 * time.Second
	// reverseEvery and maxReverseEvery bound the pause between two tries to take it back.
	reverseEvery, maxReverseEvery = 3 * time.Second, time.Minute
	// reverseDoubt is how long WeChat Pay must go on refusing before a refusal to take back
	// is believed: an earlier try whose answer was lost may still be at work.
	reverseDoubt = 10 * time.Second
	// lateCall is how long after it was stored a payment may still be sent.
	lateCall = 3 * time.Second
)

// codeCheck is when a payment by code wants to be looked at next.
func codeCheck(p model.Payment, now time.Time) time.Time {
	if live(p) {
		age := max(now.Sub(p.CreatedAt), 0)
		return p.CreatedAt.Add((age/codeEvery + 1) * codeEvery)
	}
	earliest := p.CreatedAt.Add(reverseAfter)
	if now.Before(earliest) {
		return earliest
	}
	return now.Add(min(max(now.Sub(p.ReversedAt)/4, reverseEvery), maxReverseEvery))
}

// keepCodeInSight sees to it that no change of an order puts off the look at a payment by
// code.
func (s *Service) keepCodeInSight(o *model.Order) {
	if p := codeUnderWay(*o); p != nil {
		if at := codeCheck(*p, s.now()); o.CheckAt.IsZero() || o.CheckAt.After(at) {
			o.CheckAt = at
		}
	}
}

// awaitCodes reports whether a payment by code stands in the way of another payment. It is
// not taken back for that: the payer may be entering a password just now.
func (s *Service) awaitCodes(ctx context.Context, o model.Order, w wish) error {
	p := codeUnderWay(o)
	if p == nil || w.matches(*p) {
		return nil
	}
	if err := s.refreshPayment(ctx, o, *p); err != nil {
		return errInProgress.Because(err)
	}
	o, err := s.Order(ctx, o.ID)
	switch {
	case err != nil:
		return err
	case codeUnderWay(o) != nil:
		return errInProgress
	}
	return s.admit(o, w)
}

// noCodePay is a hub without payments by code.
type noCodePay struct{}

func (noCodePay) PayCode(context.Context, wx.CodePayment) (wx.Transaction, error) {
	return wx.Transaction{}, errMethod
}

func (noCodePay) QueryCode(context.Context, wx.CodeTrade) (wx.Transaction, error) {
	return wx.Transaction{}, errMethod
}

func (noCodePay) ReverseCode(context.Context, wx.CodeTrade) error { return errMethod }

var errLate = errors.New("the payment was stored too long ago to be sent now")
