package mini

import (
	"context"
	"errors"
	"net/url"
	"regexp"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
)

var transactionShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// errUnbound is inside this package only: the app is bound to no open-platform account.
var errUnbound = model.NewError(model.KindUpstream, "wechat_app_unbound", "the app is bound to no open-platform account")

var paidCodes = api.Codes{
	40003: wx.ErrOpenIDUnknown,
	89002: errUnbound,
	89300: wx.ErrNotPaidLately,
}

// PaidUnionID asks for the union id of somebody who paid within the last five minutes;
// no consent is needed for it. transactionID is WeChat Pay's, of that payment. The
// answer is "" when WeChat has none: the app is bound to no open-platform account.
//
// Errors: invalid_input (app unknown, openid or transaction id of a wrong shape),
// wx.ErrNotPaidLately, wx.ErrOpenIDUnknown, wx.ErrRateLimited, wx.ErrRejected,
// wx.ErrBusy, wx.ErrTimeout, those of token.Keeper.
func (c *Client) PaidUnionID(ctx context.Context, appID, openID, transactionID string) (string, error) {
	if err := c.known(appID); err != nil {
		return "", err
	}
	if !idShape.MatchString(openID) {
		return "", errOpenID
	}
	if !transactionShape.MatchString(transactionID) {
		return "", model.InvalidField("transaction_id", "must be WeChat Pay's number of the payment")
	}
	var a struct {
		UnionID string `json:"unionid"`
	}
	query := url.Values{"openid": {openID}, "transaction_id": {transactionID}}
	err := c.api.Get(ctx, appID, "/wxa/getpaidunionid", query, &a, paidCodes)
	if errors.Is(err, errUnbound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if a.UnionID != "" && !idShape.MatchString(a.UnionID) {
		return "", wx.ErrBusy.Because(errors.New("getpaidunionid answered without a usable unionid"))
	}
	return a.UnionID, nil
}
