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

// Channel is how a payment reaches the payer at WeChat Pay (PROTOCOL §2.1).
type Channel string

// The channels. Mini-programs and official accounts both pay by JSAPI.
const (
	ChannelJSAPI  Channel = "jsapi"
	ChannelNative Channel = "native"
	ChannelH5     Channel = "h5"
	ChannelApp    Channel = "app"
)

// Trade names one payment: whose it is and its number.
type Trade struct {
	MerchantID    string // the direct merchant, or the service provider (sp_mchid)
	SubMerchantID string // sub_mchid; "" for a direct merchant
	OutTradeNo    string
}

// Prepay is what WeChat Pay is asked to collect (PROTOCOL §2.2, §2.3). Sending the same
// values again is safe; sending the same OutTradeNo with any other value is refused.
type Prepay struct {
	Trade
	Channel     Channel
	AppID       string // appid, or the service provider's own (sp_appid)
	SubAppID    string // the sub merchant's app, when the payer pays in one (sub_appid); else ""
	OpenID      string // JSAPI only: of the payer, in SubAppID when there is one, else in AppID
	ClientIP    string // H5 only: of the payer's browser
	Description string // ≤ 127 characters
	Attach      string // ≤ 128 characters
	NotifyURL   string // https, no query
	Amount      model.Fen
	Currency    string
	ExpiresAt   time.Time // last time to pay; sent with second precision
	// ProfitSharing keeps the money frozen until it has been shared (PROTOCOL §2.9).
	ProfitSharing bool
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
	Trade
	AppID         string // appid or sp_appid
	SubAppID      string
	OpenID        string // in SubAppID when there is one, else in AppID
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
	Transaction *Transaction         // a payment; nil for anything else
	Combined    *CombinedTransaction // a combined payment; nil for anything else
	Refund      *RefundState         // a refund; nil for anything else
	Transfer    *TransferState       // a transfer; nil for anything else
}

// RefundRequest is what WeChat Pay is asked to give back (PROTOCOL §2.6). Sending the same
// values again is safe and returns the same refund.
type RefundRequest struct {
	Trade
	OutRefundNo string
	Amount      model.Fen // to give back
	Total       model.Fen // of the payment
	Currency    string
	Reason      string // ≤ 80 characters
	NotifyURL   string
}

// RefundStatus is WeChat Pay's status of a refund.
type RefundStatus string

// The statuses of a refund at WeChat Pay.
const (
	RefundProcessing RefundStatus = "PROCESSING"
	RefundSuccess    RefundStatus = "SUCCESS"
	RefundClosed     RefundStatus = "CLOSED"
	RefundAbnormal   RefundStatus = "ABNORMAL"
)

// RefundState is what WeChat Pay says about one refund, in a verified answer or a
// verified notification.
type RefundState struct {
	Trade
	OutRefundNo   string
	RefundID      string
	TransactionID string
	Status        RefundStatus
	Amount        model.Fen
	Total         model.Fen
	SuccessTime   time.Time // zero unless Status is SUCCESS
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

// AppInvoke is what a mobile app hands to WeChat's OpenSDK as PayReq (PROTOCOL §3).
type AppInvoke struct {
	AppID     string `json:"appid"`
	PartnerID string `json:"partnerid" doc:"the merchant, or the service provider's sub merchant"`
	PrepayID  string `json:"prepayid"`
	Package   string `json:"package" enum:"Sign=WXPay"`
	NonceStr  string `json:"noncestr"`
	Timestamp string `json:"timestamp" doc:"unix seconds, as a string"`
	Sign      string `json:"sign" doc:"RSA-SHA256 by the merchant's key, base64"`
}
