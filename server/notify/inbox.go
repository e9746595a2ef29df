package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"wxhub/model"
	"wxhub/server/tasks"
)

// Kind is the kind of the tasks that notifications are kept as.
const Kind = "wechat_pay_notification"

// signed are the headers that a notification is verified by.
var signed = []string{"Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Timestamp", "Wechatpay-Nonce"}

// Notice is a notification as it came: what it says is encrypted and signed, and stays so.
type Notice struct {
	MerchantID string            `json:"merchant_id"`
	Header     map[string][]byte `json:"header"` // byte for byte, like the body
	Body       []byte            `json:"body"`   // byte for byte
	ReceivedAt time.Time         `json:"received_at"`
}

// Payments is what notifications are about. pay.Service is one.
type Payments interface {
	// Receive verifies a notification and returns WeChat Pay's id of it, "" when it has none.
	Receive(ctx context.Context, merchantID string, header func(string) string, body []byte) (id string, err error)
	// Notify verifies it again, as of when it came, and does what it says.
	Notify(ctx context.Context, merchantID string, header func(string) string, body []byte, receivedAt time.Time) error
}

// Queue keeps notifications and does what they say. tasks.Queue is one.
type Queue interface {
	Do(ctx context.Context, kind, id string, body []byte) error
}

// Handler does what a kept notification says; the Handler of Kind.
func Handler(p Payments) tasks.Handler {
	return func(ctx context.Context, body []byte) ([]model.Event, error) {
		var n Notice
		if err := json.Unmarshal(body, &n); err != nil {
			return nil, tasks.Final(err)
		}
		err := p.Notify(ctx, n.MerchantID, func(name string) string { return string(n.Header[name]) }, n.Body, n.ReceivedAt)
		if err != nil && lasting(err) {
			err = tasks.Final(err)
		}
		return nil, err
	}
}

// lasting reports whether the same notification would meet the same error again: it is not
// true of our orders, or cannot be read. An operator must look.
func lasting(err error) bool {
	switch model.AsError(err).Kind {
	case model.KindInvalid, model.KindNotFound, model.KindConflict, model.KindForbidden, model.KindUnauthenticated:
		return true
	}
	return false
}

// keep stores a verified notification and does what it says. nil means that this is
// durable; after an error the notification is kept all the same, unless the store is away.
func keep(ctx context.Context, q Queue, id string, n Notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if id == "" {
		sum := sha256.Sum256(n.Body)
		id = hex.EncodeToString(sum[:16])
	}
	return q.Do(ctx, Kind, Kind+"."+n.MerchantID+"."+id, body)
}
