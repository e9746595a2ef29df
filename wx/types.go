package wx

import (
	"time"

	"wxhub/model"
)

// MiniSession is the answer of code2session (PROTOCOL §6.2). SessionKey never
// leaves the server.
type MiniSession struct {
	OpenID     string
	UnionID    string // "" unless the app is bound to an open platform
	SessionKey model.Secret
}

// Prepay is what WeChat Pay is asked to collect by JSAPI, the channel of
// mini-programs and official accounts (PROTOCOL §2.2). Sending the same values
// again is safe; sending the same OutTradeNo with any other value is refused.
type Prepay struct {
	MerchantID  string
	AppID       string
	OpenID      string // of the payer, in AppID
	OutTradeNo  string
	Description string // ≤ 127 characters
	Attach      string // ≤ 128 characters
	NotifyURL   string // https, no query
	Amount      model.Fen
	Currency    string
	ExpiresAt   time.Time // last time to pay; sent with second precision
}

// TradeState is WeChat Pay's state of a payment (PROTOCOL §2.4).
type TradeState string

// The trade states.
const (
	TradeNotPay     TradeState = "NOTPAY"
	TradeSuccess    TradeState = "SUCCESS"
	TradeRefund     TradeState = "REFUND" // was paid; some refund was accepted
	TradeClosed     TradeState = "CLOSED"
	TradeRevoked    TradeState = "REVOKED"
	TradeUserPaying TradeState = "USERPAYING"
	TradePayError   TradeState = "PAYERROR"
)

// Transaction is what WeChat Pay says about one out_trade_no, in a verified
// answer or a verified notification.
type Transaction struct {
	MerchantID    string
	AppID         string
	OpenID        string
	OutTradeNo    string
	TransactionID string
	State         TradeState
	Amount        model.Fen // amount.total: what was asked, not what was paid after coupons
	Currency      string
	SuccessTime   time.Time
}

// Notification is a verified and decrypted notification of WeChat Pay.
type Notification struct {
	ID          string
	EventType   string
	Transaction Transaction
}

// Invoke is what a mini-program or an official-account page hands unchanged to
// wx.requestPayment or WeixinJSBridge (PROTOCOL §3).
type Invoke struct {
	AppID     string `json:"appId" doc:"the app that invokes the payment"`
	TimeStamp string `json:"timeStamp" doc:"unix seconds, as a string"`
	NonceStr  string `json:"nonceStr"`
	Package   string `json:"package" doc:"prepay_id=…"`
	SignType  string `json:"signType" enum:"RSA"`
	PaySign   string `json:"paySign" doc:"RSA-SHA256 by the merchant's key, base64"`
}
