package push

import (
	"crypto/rand"
	"strconv"

	"wxhub/wx"
)

// Sealed is an encrypted reply as WeChat wants it, in JSON.
type Sealed struct {
	Encrypt      string `json:"Encrypt"`
	MsgSignature string `json:"MsgSignature"`
	TimeStamp    int64  `json:"TimeStamp"`
	Nonce        string `json:"Nonce"`
}

// Seal encrypts and signs a reply to a push of an app in safe mode.
//
// Errors: wx.ErrAppUnknown, also for an app in plain mode; wx.ErrPushMalformed for a
// message larger than MaxBody.
func (r *Receiver) Seal(appID string, message []byte) (Sealed, error) {
	a, ok := r.apps[appID]
	if !ok || a.key == nil {
		return Sealed{}, wx.ErrAppUnknown
	}
	if len(message) > MaxBody {
		return Sealed{}, malformed("too large")
	}
	random := []byte(rand.Text()[:16])
	return a.seal(random, message, a.now().Unix(), rand.Text())
}

func (a app) seal(random, message []byte, timestamp int64, nonce string) (Sealed, error) {
	ciphertext, err := encrypt(a.key, a.id, random, message)
	if err != nil {
		return Sealed{}, err
	}
	signature := sign(a.token.Reveal(), strconv.FormatInt(timestamp, 10), nonce, ciphertext)
	return Sealed{ciphertext, signature, timestamp, nonce}, nil
}
