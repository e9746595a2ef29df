package mini

import (
	"context"
	"errors"
	"regexp"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
)

// phoneCodes are the errcodes of getuserphonenumber. WeChat says "invalid code" to the
// code of wx.login too, which is the usual mistake.
var phoneCodes = api.Codes{
	40029: wx.ErrPhoneCodeInvalid,
	42003: wx.ErrPhoneCodeInvalid,
	40163: wx.ErrPhoneCodeUsed,
	40003: wx.ErrOpenIDUnknown,
}

// phoneShape is what may become a person's phone number here.
var phoneShape = regexp.MustCompile(`^\+?[0-9][0-9 -]{2,30}$`)

type phoneQuestion struct {
	Code   string `json:"code"`
	OpenID string `json:"openid,omitempty"`
}

type phoneAnswer struct {
	Info struct {
		Number    string `json:"phoneNumber"`
		Watermark struct {
			AppID string `json:"appid"`
		} `json:"watermark"`
	} `json:"phone_info"`
}

// PhoneNumber redeems the code of the getPhoneNumber button (single use, 5 minutes).
// openID may be ""; with it, WeChat checks that the code is that person's.
//
// Errors: invalid_input (app unknown, code or openid of a wrong shape),
// wx.ErrPhoneCodeInvalid, wx.ErrPhoneCodeUsed, wx.ErrOpenIDUnknown, wx.ErrRateLimited,
// wx.ErrRejected, wx.ErrBusy, wx.ErrTimeout, those of token.Keeper.
func (c *Client) PhoneNumber(ctx context.Context, appID, code, openID string) (wx.Phone, error) {
	if err := c.known(appID); err != nil {
		return wx.Phone{}, err
	}
	if !codeShape.MatchString(code) {
		return wx.Phone{}, model.InvalidField("code", "must be the code of the getPhoneNumber button: 1–128 letters, digits, '-' or '_'")
	}
	if openID != "" && !idShape.MatchString(openID) {
		return wx.Phone{}, errOpenID
	}
	var a phoneAnswer
	if err := c.api.Post(ctx, appID, "/wxa/business/getuserphonenumber", phoneQuestion{code, openID}, &a, phoneCodes, model.Secret(code)); err != nil {
		return wx.Phone{}, err
	}
	if a.Info.Watermark.AppID != appID {
		return wx.Phone{}, wx.ErrBusy.Because(errors.New("getuserphonenumber answered for another app"))
	}
	if !phoneShape.MatchString(a.Info.Number) {
		return wx.Phone{}, wx.ErrBusy.Because(errors.New("getuserphonenumber answered without a usable phone number"))
	}
	return wx.Phone{Number: a.Info.Number}, nil
}

var errOpenID = model.InvalidField("openid", "must be an openid: 1–128 visible ASCII characters")
