package wx

import "wxhub/model"

// CodeTrade names a payment that was made by scanning the payer's code (付款码). Unlike
// the others, it is asked about and taken back by the app that it was made with.
type CodeTrade struct {
	Trade
	AppID    string // appid, or the service provider's own (sp_appid)
	SubAppID string // the sub merchant's app (sub_appid); "" when there is none
}

// CodePayment is a payment from the code that a payer shows and a merchant's device
// scans (PROTOCOL §5; APIv3: DOC:4012382150, 4012382179). The code can be charged once, by
// one OutTradeNo.
type CodePayment struct {
	CodeTrade
	AuthCode    model.Secret // 18 digits; whoever has it within its minute has the payer's money
	Description string       // ≤ 127 characters
	Attach      string       // ≤ 127 bytes with APIv2, 128 characters with APIv3
	Amount      model.Fen
	Currency    string
	// ProfitSharing keeps what is paid frozen, to be shared.
	ProfitSharing bool
	StoreID       string // the merchant's own number of the shop: letters and digits; "" when it has none
	DeviceID      string // of the device that scanned, ≤ 32; "" when it has none
	DeviceIP      string // its address; "" when it is not known
}

// Errors of payments by code, beyond those of error.go. That the payer is still entering
// a password is not one of them: it is the state TradeUserPaying.
var (
	// ErrAuthCode: the code is expired, was used, or is not one of WeChat's.
	ErrAuthCode = model.NewError(model.KindInvalid, "auth_code_invalid", "the payer's code is not valid, or no longer; ask the payer for a new one")
	// ErrPayerCannot: the payer's balance, card or account does not allow the payment.
	ErrPayerCannot = model.NewError(model.KindConflict, "payer_cannot_pay", "the payer cannot pay this way; another card may do")
)

// CodeRefusal says what a refusal of a payment by code means, of either version of the
// API: they have the same codes, with and without '_' (PROTOCOL §1.6, §5). The text decides
// where the code says only that something is wrong. nil stands for USERPAYING, which is no
// refusal.
func CodeRefusal(code, text string) *model.Error {
	if code == "USERPAYING" || code == "USER_PAYING" {
		return nil
	}
	if known, ok := codeRefusals[code]; ok {
		return known
	}
	if !vagueCodes[code] {
		return ErrRejected
	}
	for _, t := range codeTexts {
		if containsAny(text, t.parts) {
			return t.means
		}
	}
	return ErrRejected
}
