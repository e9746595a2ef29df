package sandbox

import (
	"errors"
	"fmt"
	"time"
)

// payCodeLife is how long a payment code can be charged, on the platform's clock.
const payCodeLife = time.Minute

// What happens when a payment code is charged.
const (
	CodeByAmount    = ""             // success, and above Behaviour.PasswordAbove the password
	CodeSuccess     = "success"      // charged at once
	CodePassword    = "password"     // USERPAYING until AnswerPassword, or until Behaviour.PasswordTime is over
	CodeNotEnough   = "not_enough"   // refused; the order stays unpaid
	CodeBankError   = "bank_error"   // refused by the bank; the order is PAYERROR
	CodeSystemError = "system_error" // SYSTEM_ERROR although the payer was charged
)

// PayTimeout is an answer to the password that never comes, beside the results of Pay.
const PayTimeout = "timeout"

// Errors of PayCode and AnswerPassword.
var (
	ErrPayCodeOutcome = errors.New("outcome is empty (by amount), success, password, not_enough, bank_error or system_error")
	ErrPasswordResult = errors.New("result is success, cancel, not_enough or timeout")
	ErrNoPayCode      = errors.New("no such payment code; POST /sandbox/pay-codes makes one")
	ErrNotUserPaying  = errors.New("no payment waits for the password of this code")
)

// payCode is what the payer shows at the till. order is set once it was charged.
type payCode struct {
	user    User
	outcome string
	expires time.Time
	order   *Order
}

// PayCode is the payer showing the payment code: 18 digits that begin with 10 to 15, good for one charge within a minute
// of the platform's clock. user is an id or a name. It returns ErrNoUser or ErrPayCodeOutcome.
func (p *Platform) PayCode(user, outcome string) (string, error) {
	u, err := p.FindUser(user)
	if err != nil {
		return "", err
	}
	switch outcome {
	case CodeByAmount, CodeSuccess, CodePassword, CodeNotEnough, CodeBankError, CodeSystemError:
	default:
		return "", fmt.Errorf("%q: %w", outcome, ErrPayCodeOutcome)
	}
	b := p.book
	b.mu.Lock()
	defer b.mu.Unlock()
	code := b.ids.payCode()
	b.payCodes[code] = &payCode{user: u, outcome: outcome, expires: b.clock.now().Add(payCodeLife)}
	return code, nil
}

// AnswerPassword is the payer entering the password of a payment that is USERPAYING, cancelling it, failing for want of
// money, or letting it time out. It returns ErrPasswordResult, ErrNoPayCode or ErrNotUserPaying.
func (p *Platform) AnswerPassword(authCode, result string) (Payment, error) {
	b := p.book
	b.mu.Lock()
	defer b.mu.Unlock()
	code, now := b.payCodes[authCode], b.clock.now()
	switch {
	case result != PaySuccess && result != PayCancel && result != PayNotEnough && result != PayTimeout:
		return Payment{}, fmt.Errorf("%q: %w", result, ErrPasswordResult)
	case code == nil:
		return Payment{}, ErrNoPayCode
	case code.order == nil || code.order.code != authCode || code.order.stateAt(now) != StateUserPaying:
		return Payment{}, ErrNotUserPaying
	}
	o := code.order
	switch result {
	case PaySuccess:
		b.charged(o, code.user, now)
	case PayCancel:
		o.State = b.behaviour.PasswordCancelled
	default:
		o.State = StatePayError
	}
	return Payment{Result: result, OutTradeNo: o.OutTradeNo, TransactionID: o.TransactionID, PaidAt: o.PaidAt, Total: o.Total}, nil
}
