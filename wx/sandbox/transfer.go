package sandbox

import (
	"errors"
	"sync"
	"time"
)

// Life of a transfer on the platform's clock.
const (
	transferLife  = 24 * time.Hour  // to be confirmed in
	transferTakes = 5 * time.Second // from the confirmation, or a cancellation, to the end
)

// States of a transfer.
const (
	TransferWaits      = "WAIT_USER_CONFIRM"
	TransferMoves      = "TRANSFERING" // the platform's spelling
	TransferSuccess    = "SUCCESS"
	TransferFail       = "FAIL"
	TransferCanceling  = "CANCELING"
	TransferCancelled  = "CANCELLED"
	transferOverdue    = "OVERDUE_CLOSE" // fail_reason, like the next
	transferPayeeFault = "PAYEE_ACCOUNT_ABNORMAL"
)

// ErrNoTransfer: nothing waits under this package_info.
var ErrNoTransfer = errors.New("no transfer waits under this package_info for this user; it comes from a transfer call and is good until the transfer ends")

// Transfer is a merchant's payment to a user as the platform keeps it.
type Transfer struct {
	MchID          string    `json:"mchid"`
	AppID          string    `json:"appid"`
	OpenID         string    `json:"openid"`
	OutBillNo      string    `json:"out_bill_no"`
	TransferBillNo string    `json:"transfer_bill_no"`
	Amount         int64     `json:"transfer_amount"` // fen
	Remark         string    `json:"transfer_remark"`
	State          string    `json:"state"`
	FailReason     string    `json:"fail_reason,omitempty"`
	PackageInfo    string    `json:"-"`
	Created        time.Time `json:"created"`
	Updated        time.Time `json:"updated"`

	notifyURL  string
	parameters string
	next       string // what it becomes at due
	reason     string // fail_reason then
	due        time.Time
	fresh      bool // of a copy: accepted just now
}

func (t *Transfer) ended() bool {
	return t.State == TransferSuccess || t.State == TransferFail || t.State == TransferCancelled
}

// settle carries out what is due; it is called before anything is read.
func (t *Transfer) settle(now time.Time) {
	if !t.ended() && !now.Before(t.due) {
		t.State, t.FailReason, t.Updated = t.next, t.reason, t.due
	}
}

func (t *Transfer) move(state, next, reason string, now time.Time) {
	t.State, t.next, t.reason, t.Updated, t.due = state, next, reason, now, now.Add(transferTakes)
}

// transfers are all of them, by merchant and out_bill_no.
type transfers struct {
	clock *clock
	ids   *idMaker
	mu    sync.Mutex
	all   map[orderKey]*Transfer
	list  []*Transfer // in the order of acceptance
}

func (s *transfers) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all, s.list = map[orderKey]*Transfer{}, nil
}

// Transfers lists all transfers in the order in which they were accepted.
func (p *Platform) Transfers() []Transfer {
	p.transfers.mu.Lock()
	defer p.transfers.mu.Unlock()
	out := []Transfer{}
	for _, t := range p.transfers.list {
		t.settle(p.clock.now())
		out = append(out, *t)
	}
	return out
}

func (s *transfers) place(wanted Transfer) (Transfer, *Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, key := s.clock.now(), orderKey{wanted.MchID, wanted.OutBillNo}
	if known := s.all[key]; known != nil {
		known.settle(now)
		if known.parameters != wanted.parameters {
			return Transfer{}, invalidRequest(internalParamInvalid, "商户单号已存在，且参数与首次请求时不一致", nil)
		}
		return *known, nil
	}
	wanted.State, wanted.Created, wanted.Updated = TransferWaits, now, now
	wanted.next, wanted.reason, wanted.due = TransferFail, transferOverdue, now.Add(transferLife)
	wanted.TransferBillNo, wanted.PackageInfo = "133"+s.ids.text(digits, 25), s.ids.text(alnum, 64)
	known := wanted
	s.all[key], s.list = &known, append(s.list, &known)
	wanted.fresh = true
	return wanted, nil
}

// find returns a copy of the first that fits.
func (s *transfers) find(fits func(*Transfer) bool) (Transfer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.all {
		if fits(t) {
			t.settle(s.clock.now())
			return *t, true
		}
	}
	return Transfer{}, false
}

func (s *transfers) cancel(mchID, outBillNo string) (Transfer, *Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, t := s.clock.now(), s.all[orderKey{mchID, outBillNo}]
	if t == nil {
		return Transfer{}, noTransfer()
	}
	t.settle(now)
	switch t.State {
	case TransferCanceling, TransferCancelled:
		return *t, nil
	case TransferWaits:
		t.move(TransferCanceling, TransferCancelled, "", now)
		again := *t
		again.fresh = true
		return again, nil
	}
	return Transfer{}, invalidRequest(internalParamInvalid, "当前单据状态不允许撤销", nil)
}

// ConfirmTransfer is the user taking the money on the phone; with fail the user's account cannot. The transfer ends five
// seconds later. It returns ErrNoUser or ErrNoTransfer.
func (p *Platform) ConfirmTransfer(packageInfo, user string, fail bool) error {
	u, err := p.FindUser(user)
	if err != nil {
		return err
	}
	t, err := p.transfers.confirm(packageInfo, u, fail)
	if err == nil {
		p.notifier.transferred(t)
	}
	return err
}

func (s *transfers) confirm(packageInfo string, u User, fail bool) (Transfer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	for _, t := range s.all {
		if t.settle(now); t.PackageInfo != packageInfo || t.State != TransferWaits || u.OpenIDs[t.AppID] != t.OpenID {
			continue
		}
		next, reason := TransferSuccess, ""
		if fail {
			next, reason = TransferFail, transferPayeeFault
		}
		t.move(TransferMoves, next, reason, now)
		return *t, nil
	}
	return Transfer{}, ErrNoTransfer
}
