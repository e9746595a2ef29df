package wxpay

import (
	"context"
	"errors"
	"net/url"

	"github.com/wechatpay-apiv3/wechatpay-go/core"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/bill"
	"wxhub/wx/transport"
)

const platformHost = "https://api.mch.weixin.qq.com"

// billTries is how often a bill is asked for anew when its link has run out, which it does
// after 30 seconds or a few minutes (PROTOCOL §10.7), or the download broke off.
const billTries = 3

// errNoBill: nothing happened on that day, so there is no bill. It stays in this package.
var errNoBill = model.NewError(model.KindUpstream, "bill_empty", "WeChat Pay has no bill of this day")

// TradeBill downloads the trade bill (type ALL) of one day: every payment, refund and reversal.
// A service provider's has those of all sub merchants, unless one is named. A day on which nothing
// happened gives a bill without rows. It is the caller's to close.
//
// Errors: wx.ErrBillNotReady, wx.ErrBillDamaged, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input for a sub merchant of a
// direct merchant.
func (g *Gateway) TradeBill(ctx context.Context, r wx.BillRequest) (wx.Bill, error) {
	return g.bill(ctx, "/v3/bill/tradebill", r, url.Values{"bill_type": {"ALL"}})
}

// FundFlowBill downloads the fund-flow bill of one day and one account of the merchant. Otherwise it is as
// TradeBill.
func (g *Gateway) FundFlowBill(ctx context.Context, r wx.BillRequest) (wx.Bill, error) {
	account := r.Account
	if account == "" {
		account = "BASIC"
	}
	return g.bill(ctx, "/v3/bill/fundflowbill", r, url.Values{"account_type": {account}})
}

func (g *Gateway) bill(ctx context.Context, path string, r wx.BillRequest, query url.Values) (wx.Bill, error) {
	m, err := g.merchant(r.MerchantID)
	if err != nil {
		return nil, err
	}
	if !m.Partner && r.SubMerchantID != "" {
		return nil, model.InvalidField("sub_merchant_id", "must be empty: merchant %s is not a service provider", m.ID)
	}
	query.Set("bill_date", r.Date)
	query.Set("tar_type", "GZIP")
	if r.SubMerchantID != "" {
		query.Set("sub_mchid", r.SubMerchantID)
	}
	for try := 1; ; try++ {
		link, err := m.askBill(ctx, path+"?"+query.Encode())
		if errors.Is(err, errNoBill) {
			return bill.Empty{}, nil
		}
		if err != nil {
			return nil, err
		}
		file, err := m.downloadBill(ctx, link)
		if err == nil || try == billTries || ctx.Err() != nil || errors.Is(err, wx.ErrRateLimited) {
			return file, err
		}
	}
}

// billLink is the answer to the question for a bill. The URL holds a token that opens the bill.
type billLink struct {
	HashType    string `json:"hash_type"`
	HashValue   string `json:"hash_value"`
	DownloadURL string `json:"download_url"`
}

// askBill asks for the link to a bill; the answer is signed.
func (m *merchant) askBill(ctx context.Context, path string) (link billLink, err error) {
	err = m.call(ctx, onBill, func() (*core.APIResult, error) {
		link = billLink{}
		result, err := m.sdk.Get(ctx, platformHost+path)
		if err == nil {
			err = core.UnMarshalResponse(result.Response, &link)
		}
		return result, err
	})
	return link, err
}

// downloadFault turns a failed download into an error that does not hold the URL.
func downloadFault(result *core.APIResult, err error) error {
	var refusal *core.APIError
	if errors.As(err, &refusal) {
		return fault(onBill, result, err)
	}
	return wx.Silent(transport.Cause(err))
}
