package sandbox

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// Kinds of a bank account in the calls about settlement.
const (
	accountBusiness = "ACCOUNT_TYPE_BUSINESS"
	accountPrivate  = "ACCOUNT_TYPE_PRIVATE"
)

// What becomes of a change, and of the account then.
const (
	changeAuditing = "AUDITING"
	changeDone     = "AUDIT_SUCCESS"
	changeFailed   = "AUDIT_FAIL"
	verifyDone     = "VERIFY_SUCCESS"
	changeTakes    = time.Minute // on the platform's clock
	changesADay    = 5
)

// ErrNoSettlementChange: no change is being audited under this number.
var ErrNoSettlementChange = errors.New("no change of a settlement account waits under this application_no")

// bankAccount is where a sub merchant's money goes.
type bankAccount struct {
	kind, bank, name, branch, holder, number string
	verified                                 string // verify_result; empty until it was changed once
}

func (b bankAccount) corporate() bool { return b.kind == accountBusiness }

// settlementChange is a change that was asked for.
type settlementChange struct {
	subMchID, no string
	account      bankAccount
	result, why  string
	at           time.Time // asked for, then decided
	due          time.Time
}

// settlements are the accounts of sub merchants and the changes of them.
type settlements struct {
	clock    *clock
	ids      *idMaker
	mu       sync.Mutex
	accounts map[string]bankAccount
	changes  []*settlementChange
}

func (s *settlements) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts, s.changes = map[string]bankAccount{}, nil
}

func (s *settlements) open(subMchID string, account bankAccount) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts[subMchID] = account
}

// account is the sub merchant's; one that was born with the platform has one of no interest.
func (s *settlements) account(subMchID string) bankAccount {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if account, known := s.accounts[subMchID]; known {
		return account
	}
	return bankAccount{kind: accountBusiness, bank: "工商银行", holder: "商户" + subMchID, number: "6222020000" + subMchID}
}

// settle carries out what is due; the lock is held.
func (s *settlements) settle() {
	now := s.clock.now()
	for _, c := range s.changes {
		if c.result == changeAuditing && !now.Before(c.due) {
			c.result, c.at = changeDone, c.due
			c.account.verified = verifyDone
			s.accounts[c.subMchID] = c.account
		}
	}
}

// change takes a change in; false when there were too many within a day.
func (s *settlements) change(subMchID string, account bankAccount) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	now, today := s.clock.now(), 0
	for _, c := range s.changes {
		if c.subMchID == subMchID && now.Sub(c.due.Add(-changeTakes)) < 24*time.Hour {
			today++
		}
	}
	if today >= changesADay {
		return "", false
	}
	c := &settlementChange{subMchID: subMchID, no: "10" + s.ids.text(digits, 16), account: account, result: changeAuditing, at: now, due: now.Add(changeTakes)}
	s.changes = append(s.changes, c)
	return c.no, true
}

func (s *settlements) find(subMchID, no string) (settlementChange, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	for _, c := range s.changes {
		if c.subMchID == subMchID && c.no == no {
			return *c, true
		}
	}
	return settlementChange{}, false
}

// RefuseSettlementChange lets the audit of a change fail, which else succeeds a minute after it was asked for. It
// returns ErrNoSettlementChange.
func (p *Platform) RefuseSettlementChange(applicationNo, why string) error {
	s := p.settlements
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	for _, c := range s.changes {
		if c.no == applicationNo && c.result == changeAuditing {
			c.result, c.why, c.at = changeFailed, why, s.clock.now()
			return nil
		}
	}
	return ErrNoSettlementChange
}

// masked hides the middle of a number: all but some characters at both ends.
func masked(text string, first, last int) string {
	runes := []rune(text)
	if len(runes) <= first+last {
		return strings.Repeat("*", len(runes))
	}
	return string(runes[:first]) + strings.Repeat("*", len(runes)-first-last) + string(runes[len(runes)-last:])
}
