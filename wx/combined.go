package wx

import (
	"time"

	"wxhub/model"
)

// CombinedTrade names a combined payment (合单支付): one payment of several orders, each with an
// out_trade_no of its own (PROTOCOL §2.5).
type CombinedTrade struct {
	MerchantID string // combine_mchid: the direct merchant or the service provider of every sub order
	AppID      string // combine_appid: of the merchant, or the service provider's own
	SubAppID   string // the app of the sub merchants, when the payer pays in one (sub_appid of each sub order); else ""
	OutTradeNo string // combine_out_trade_no
}

// CombinedPrepay is what WeChat Pay is asked to collect in one payment. Sending the same values
// again is safe; sending the same numbers with any other value is refused.
type CombinedPrepay struct {
	CombinedTrade
	Channel   Channel
	OpenID    string // JSAPI only: of the payer, in SubAppID when there is one, else in AppID
	ClientIP  string // H5 only: of the payer's browser
	NotifyURL string // https, no query
	ExpiresAt time.Time
	Parts     []CombinedPart // 2 to 10; of a service provider up to 50
}

// CombinedPart is one sub order of a combined payment.
type CombinedPart struct {
	Trade              // MerchantID is that of the whole
	Description string // ≤ 127 characters
	Attach      string // 1 to 128 characters: unlike elsewhere it must be there
	Amount      model.Fen
	Currency    string
	// ProfitSharing keeps the money frozen until it has been shared (PROTOCOL §2.9).
	ProfitSharing bool
}

// CombinedTransaction is what WeChat Pay says about one combine_out_trade_no, in a verified
// answer or a verified notification.
type CombinedTransaction struct {
	MerchantID string
	OutTradeNo string
	Parts      []Transaction // in each AppID is the combine_appid
}
