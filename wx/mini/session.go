package mini

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
)

// sessionCodes are the errcodes of checksession and resetusersessionkey: there is no
// session key any more (87007), or the signature was made with another one (87009).
var sessionCodes = api.Codes{
	87007: wx.ErrSessionKeyStale,
	87009: wx.ErrSessionKeyStale,
	40003: wx.ErrOpenIDUnknown,
}

// CheckSession reports whether sessionKey is still the session key of openID.
//
// Errors: invalid_input (app unknown, openid of a wrong shape), wx.ErrOpenIDUnknown,
// wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy, wx.ErrTimeout, those of token.Keeper.
func (c *Client) CheckSession(ctx context.Context, appID, openID string, sessionKey model.Secret) (bool, error) {
	err := c.session(ctx, appID, "/wxa/checksession", openID, sessionKey, &struct{}{})
	if errors.Is(err, wx.ErrSessionKeyStale) {
		return false, nil
	}
	return err == nil, err
}

// ResetSessionKey makes WeChat replace the session key of openID and returns the new one,
// which ends when the old one would have. From then on the old one is stale.
//
// Errors: wx.ErrSessionKeyStale when sessionKey is not the present one; otherwise as for
// CheckSession.
func (c *Client) ResetSessionKey(ctx context.Context, appID, openID string, sessionKey model.Secret) (model.Secret, error) {
	var a struct {
		OpenID     string `json:"openid"`
		SessionKey string `json:"session_key"`
	}
	if err := c.session(ctx, appID, "/wxa/resetusersessionkey", openID, sessionKey, &a); err != nil {
		return "", err
	}
	if a.OpenID != openID || !usableKey(a.SessionKey) {
		return "", wx.ErrBusy.Because(errors.New("resetusersessionkey answered without a usable session_key of this person's"))
	}
	return model.Secret(a.SessionKey), nil
}

func (c *Client) session(ctx context.Context, appID, path, openID string, sessionKey model.Secret, into any) error {
	if err := c.known(appID); err != nil {
		return err
	}
	if !idShape.MatchString(openID) {
		return errOpenID
	}
	if sessionKey.IsZero() { // WeChat would only say that the signature is wrong
		return wx.ErrSessionKeyStale
	}
	query := url.Values{"openid": {openID}, "signature": {userSignature(sessionKey, "")}, "sig_method": {"hmac_sha256"}}
	return c.api.Get(ctx, appID, path, query, into, sessionCodes, sessionKey, model.Secret(query.Get("signature")))
}

// userSignature proves to WeChat that we have the session key, whose text is the key of
// the HMAC as it is, not base64-decoded.
func userSignature(sessionKey model.Secret, data string) string {
	mac := hmac.New(sha256.New, []byte(sessionKey.Reveal()))
	mac.Write([]byte(data))
	return hex.EncodeToString(mac.Sum(nil))
}

// usableKey bounds what is stored as a session key.
func usableKey(key string) bool { return key != "" && len(key) <= 256 }
