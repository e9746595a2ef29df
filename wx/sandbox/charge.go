package sandbox

import (
	"net/http"
	"time"
)

// reverseWindow is how long an order can be reversed after it was placed.
const reverseWindow = 7 * 24 * time.Hour

// charge places the order of a payment code, or enters it again, and takes the money if it can. A refusal is an answer:
// the order may exist after it.
func (b *book) charge(wanted Order, authCode string) (Order, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, key := b.clock.now(), orderKey{wanted.MchID, wanted.OutTradeNo}
	if b.poisoned[key] {
		return Order{}, refusal(b.behaviour.ChangedReentry)
	}
	order := b.byNumber[key]
	if order != nil {
		if refused := b.recharge(order, wanted.parameters, now); refused != nil {
			return Order{}, refused
		}
		if order.stateAt(now) == StateUserPaying {
			return b.userPaying(order, now)
		}
	}
	code := b.payCodes[authCode]
	switch {
	case code == nil:
		return Order{}, codeRefused("AUTH_CODE_INVALID", "付款码无效，请刷新后重新扫码")
	case code.order != nil:
		return Order{}, codeRefused("AUTH_CODE_INVALID", "付款码已被使用，请刷新后重新扫码")
	case !now.Before(code.expires):
		return Order{}, codeRefused("AUTH_CODE_EXPIRE", "101 付款码已过期，请刷新再试")
	}
	if order == nil {
		wanted.State, wanted.Created = StateNotPay, now
		order = &wanted
		b.byNumber[key] = order
		b.orders = append(b.orders, order)
	}
	code.order, order.code = order, authCode
	return b.take(order, code, now)
}

// recharge decides about a known number.
func (b *book) recharge(order *Order, parameters string, now time.Time) *Refusal {
	switch order.stateAt(now) {
	case StateRevoked:
		return refusal(b.behaviour.ReversedReentry)
	case StatePayError:
		return refusal(b.behaviour.FailedReentry)
	}
	return b.reenter(order, parameters, now)
}

// take does what the code was made for.
func (b *book) take(o *Order, code *payCode, now time.Time) (Order, *Refusal) {
	outcome := code.outcome
	if outcome == CodeByAmount && o.Total > b.behaviour.PasswordAbove {
		outcome = CodePassword
	}
	switch outcome {
	case CodePassword:
		o.State, o.passwordUntil = StateUserPaying, now.Add(b.behaviour.PasswordTime)
		return b.userPaying(o, now)
	case CodeNotEnough:
		return *o, &Refusal{Status: http.StatusForbidden, Code: "NOT_ENOUGH", Message: "用户余额不足，请换其它支付方式", Internal: internalParamInvalid}
	case CodeBankError:
		o.State = StatePayError
		return *o, &Refusal{Status: http.StatusInternalServerError, Code: "BANK_ERROR", Message: "银行系统异常", Internal: internalSystemError}
	}
	b.charged(o, code.user, now)
	if outcome == CodeSystemError {
		return *o, systemError()
	}
	return *o, nil
}

// userPaying answers for a payment that waits for the password.
func (b *book) userPaying(o *Order, now time.Time) (Order, *Refusal) {
	seen := *o
	seen.State = o.stateAt(now)
	if b.behaviour.UserPaying == nil {
		return seen, nil
	}
	return seen, refusal(*b.behaviour.UserPaying)
}

// charged commits the payment. The book is locked.
func (b *book) charged(o *Order, u User, now time.Time) {
	o.paidAt(now, u)
	o.TransactionID, o.BankType = b.ids.transactionID(now), "OTHERS"
	b.byTrade[o.TransactionID] = o
}

// reverse takes a payment by code back: an unpaid one can never be paid afterwards, a paid one is refunded whole. Again
// and again is fine. subMchID is empty for a direct merchant.
func (b *book) reverse(mchID, subMchID, outTradeNo string) *Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	o, now := b.byNumber[orderKey{mchID, outTradeNo}], b.clock.now()
	switch {
	case o == nil, o.combinedSub():
		return orderNotExist()
	case o.SubMchID != subMchID:
		return subMchNotMatch()
	case o.TradeType != TradeMicropay:
		return invalidRequest(internalParamInvalid, "仅付款码支付的订单可以撤销", nil)
	case o.State == StateRevoked:
		return nil
	case now.Sub(o.Created) < b.behaviour.ReverseAfter:
		return refusal(b.behaviour.ReverseTooSoon)
	case now.Sub(o.Created) > reverseWindow:
		return refusal(b.behaviour.ReverseTooLate)
	case len(o.refunds) > 0:
		return invalidRequest(internalParamInvalid, "订单已发生退款，不能撤销", nil)
	}
	if o.paid() {
		b.giveBack(o, now)
	}
	o.State = StateRevoked
	return nil
}

// giveBack books the whole amount as refunded. It has no number of the merchant's, so no refund query finds it.
func (b *book) giveBack(o *Order, now time.Time) {
	r := &Refund{
		MchID: o.MchID, SubMchID: o.SubMchID, RefundID: b.ids.refundID(now), OutTradeNo: o.OutTradeNo, TransactionID: o.TransactionID,
		Total: o.Total, Amount: o.Total, Status: RefundSuccess, Channel: channelOriginal, ReceivedBy: "支付用户零钱",
		Created: now, Ended: now, Reason: "reverse", order: o,
	}
	b.refunds, o.refunds = append(b.refunds, r), append(o.refunds, r)
}

func codeRefused(code, message string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: code, Message: message, Internal: internalParamInvalid}
}
