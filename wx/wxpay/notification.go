package wxpay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/model"
	"wxhub/wx"
)

const (
	// freshness is how far a notification's timestamp may be off our clock
	// (PROTOCOL §1.3). WeChat Pay signs anew at each retry, so an old timestamp is a replay.
	freshness = 300 * time.Second
	// gcmNonceSize is the only nonce size of AEAD_AES_256_GCM; Go panics on another.
	gcmNonceSize = 12
	// probePrefix marks WeChat Pay's deliberate wrong signatures (PROTOCOL §1.5).
	probePrefix = "WECHATPAY/SIGNTEST/"
)

// headers are the four headers that a notification's signature stands in.
type headers struct{ Timestamp, Nonce, Signature, Serial string }

// Open verifies, decrypts and reads a payment notification, in this order and
// stopping at the first doubt. header looks a header up by its canonical name; body
// is the raw body, byte for byte as it came.
//
// Errors: wx.ErrMerchantUnknown, wx.ErrNotificationForged, wx.ErrNotificationProbe,
// wx.ErrNotificationMalformed. None of them quotes the body.
func (g *Gateway) Open(ctx context.Context, merchantID string, header func(string) string, body []byte) (wx.Notification, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.Notification{}, err
	}
	h := headers{
		Timestamp: header("Wechatpay-Timestamp"), Nonce: header("Wechatpay-Nonce"),
		Signature: header("Wechatpay-Signature"), Serial: header("Wechatpay-Serial"),
	}
	if err := m.verify(ctx, h, body, g.now()); err != nil {
		return wx.Notification{}, err
	}
	return m.read(body)
}

func (m *merchant) verify(ctx context.Context, h headers, body []byte, now time.Time) error {
	if strings.HasPrefix(h.Signature, probePrefix) {
		return wx.ErrNotificationProbe
	}
	if h.Timestamp == "" || h.Nonce == "" || h.Signature == "" || h.Serial == "" {
		return wx.ErrNotificationForged.Because(errors.New("a Wechatpay-* header is missing"))
	}
	seconds, err := strconv.ParseInt(h.Timestamp, 10, 64)
	if err != nil {
		return wx.ErrNotificationForged.Because(errors.New("Wechatpay-Timestamp is not a number"))
	}
	if off := now.Sub(time.Unix(seconds, 0)); off.Abs() >= freshness {
		return wx.ErrNotificationForged.Because(fmt.Errorf("Wechatpay-Timestamp is %s off this machine's clock", off.Round(time.Second)))
	}
	message := h.Timestamp + "\n" + h.Nonce + "\n" + string(body) + "\n"
	if err := m.verifier.Verify(ctx, h.Serial, message, h.Signature); err != nil {
		return wx.ErrNotificationForged.Because(err)
	}
	return nil
}

// envelope is the outer body of a notification (PROTOCOL §4).
type envelope struct {
	ID           string `json:"id"`
	EventType    string `json:"event_type"`
	ResourceType string `json:"resource_type"`
	Resource     struct {
		OriginalType   string `json:"original_type"`
		Algorithm      string `json:"algorithm"`
		Ciphertext     string `json:"ciphertext"`
		AssociatedData string `json:"associated_data"`
		Nonce          string `json:"nonce"`
	} `json:"resource"`
}

func (m *merchant) read(body []byte) (wx.Notification, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return wx.Notification{}, malformed("the body is not JSON")
	}
	if e.EventType != "TRANSACTION.SUCCESS" || (e.Resource.OriginalType != "" && e.Resource.OriginalType != "transaction") {
		return wx.Notification{}, malformed(fmt.Sprintf("event %.64q of type %.64q is not handled by this version", e.EventType, e.Resource.OriginalType))
	}
	plain, err := decrypt(m.APIv3Key, e.Resource.Algorithm, e.Resource.AssociatedData, e.Resource.Nonce, e.Resource.Ciphertext)
	if err != nil {
		return wx.Notification{}, err
	}
	var t payments.Transaction
	if err := json.Unmarshal(plain, &t); err != nil {
		return wx.Notification{}, malformed("the decrypted resource is not a transaction")
	}
	tx, err := transaction(&t)
	if err != nil {
		return wx.Notification{}, malformed(err.Error())
	}
	return wx.Notification{ID: e.ID, EventType: e.EventType, Transaction: tx}, nil
}

func decrypt(key model.Secret, algorithm, associatedData, nonce, ciphertext string) ([]byte, error) {
	if algorithm != "AEAD_AES_256_GCM" {
		return nil, malformed("the resource is not AEAD_AES_256_GCM")
	}
	if len(nonce) != gcmNonceSize {
		return nil, malformed("the resource's nonce is not 12 bytes")
	}
	plain, err := utils.DecryptAES256GCM(key.Reveal(), associatedData, nonce, ciphertext)
	if err != nil {
		return nil, malformed("the resource does not decrypt with this merchant's APIv3 key")
	}
	return []byte(plain), nil
}

func malformed(why string) error { return wx.ErrNotificationMalformed.Because(errors.New(why)) }
