package wxpay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/model"
	"wxhub/wx"
)

// gcmNonceSize is the only nonce size of AEAD_AES_256_GCM; Go panics on another.
const gcmNonceSize = 12

// Open verifies, decrypts and reads a notification of a payment, a combined payment, a refund or a transfer, in this
// order and stopping at the first doubt. header looks a header up by its canonical name;
// body is the raw body, byte for byte as it came.
//
// Errors: wx.ErrMerchantUnknown, wx.ErrNotificationForged, wx.ErrNotificationProbe,
// wx.ErrNotificationMalformed. None of them quotes the body.
func (g *Gateway) Open(ctx context.Context, merchantID string, header func(string) string, body []byte) (wx.Notification, error) {
	return g.Reopen(ctx, merchantID, header, body, g.now())
}

// Reopen opens a notification that was stored as it came. It judges the timestamp
// against receivedAt, and nothing else differs from Open: the key must still be known, and a
// platform certificate still be valid.
//
// Errors: those of Open.
func (g *Gateway) Reopen(ctx context.Context, merchantID string, header func(string) string, body []byte, receivedAt time.Time) (wx.Notification, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.Notification{}, err
	}
	err = m.verify(ctx, headersOf(header), body, receivedAt)
	switch {
	case errors.Is(err, errProbe):
		return wx.Notification{}, wx.ErrNotificationProbe
	case err != nil:
		return wx.Notification{}, wx.ErrNotificationForged.Because(err)
	}
	n, err := m.read(body)
	if err != nil {
		return wx.Notification{}, wx.ErrNotificationMalformed.Because(err)
	}
	return n, nil
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

// is tells whether an envelope is of an event. WeChat Pay sends TRANSACTION.SUCCESS for
// profit sharing too, with another original_type.
func (e envelope) is(event, original string) bool {
	return e.EventType == event && (e.Resource.OriginalType == "" || e.Resource.OriginalType == original)
}

// refundEvents tell which status a refund notification must bring.
var refundEvents = map[string]wx.RefundStatus{
	"REFUND.SUCCESS": wx.RefundSuccess, "REFUND.ABNORMAL": wx.RefundAbnormal, "REFUND.CLOSED": wx.RefundClosed,
}

func (m *merchant) read(body []byte) (wx.Notification, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return wx.Notification{}, errors.New("the body is not JSON")
	}
	n := wx.Notification{ID: e.ID, EventType: e.EventType}
	_, refund := refundEvents[e.EventType]
	payment, transfer := e.is("TRANSACTION.SUCCESS", "transaction"), e.is(transferEvent, transferType)
	if !payment && !transfer && !(refund && e.is(e.EventType, "refund")) {
		return n, fmt.Errorf("event %.64q of type %.64q is not handled by this version", e.EventType, e.Resource.OriginalType)
	}
	plain, err := decrypt(m.APIv3Key, e.Resource.Algorithm, e.Resource.AssociatedData, e.Resource.Nonce, e.Resource.Ciphertext)
	if err != nil {
		return n, err
	}
	switch {
	case payment && isCombined(plain):
		n.Combined, err = m.readCombined(plain)
	case payment:
		n.Transaction, err = m.readTransaction(plain)
	case transfer:
		n.Transfer, err = readTransfer(plain)
	default:
		n.Refund, err = m.readRefund(plain, refundEvents[e.EventType])
	}
	return n, err
}

func (m *merchant) readTransaction(plain []byte) (*wx.Transaction, error) {
	if m.Partner {
		return readAs(plain, partnerTransaction, &partnerpayments.Transaction{})
	}
	return readAs(plain, transaction, &payments.Transaction{})
}

func readAs[T any](plain []byte, convert func(*T) (wx.Transaction, error), into *T) (*wx.Transaction, error) {
	if err := json.Unmarshal(plain, into); err != nil {
		return nil, errors.New("the decrypted resource is not a transaction")
	}
	t, err := convert(into)
	return &t, err
}

func (m *merchant) readRefund(plain []byte, want wx.RefundStatus) (*wx.RefundState, error) {
	var notice refundNotice
	if err := json.Unmarshal(plain, &notice); err != nil {
		return nil, errors.New("the decrypted resource is not a refund")
	}
	s, err := notice.state(m.Partner)
	if err == nil && s.Status != want {
		err = errors.New("event and refund_status contradict each other")
	}
	return &s, err
}

// decrypt opens AEAD_AES_256_GCM. Its errors quote neither the key nor the text.
func decrypt(key model.Secret, algorithm, associatedData, nonce, ciphertext string) ([]byte, error) {
	if algorithm != "AEAD_AES_256_GCM" {
		return nil, errors.New("the resource is not AEAD_AES_256_GCM")
	}
	if len(nonce) != gcmNonceSize {
		return nil, errors.New("the resource's nonce is not 12 bytes")
	}
	plain, err := utils.DecryptAES256GCM(key.Reveal(), associatedData, nonce, ciphertext)
	if err != nil {
		return nil, errors.New("the resource does not decrypt with this merchant's APIv3 key")
	}
	return []byte(plain), nil
}
