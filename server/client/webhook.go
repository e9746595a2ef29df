package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Event is something that happened. It has one ID however often it is delivered: remember the
// IDs that you have acted on.
type Event struct {
	ID   string          `json:"-"`         // webhook-id
	Type string          `json:"type"`      // order.paid, refund.succeeded, user.merged, …
	At   time.Time       `json:"timestamp"` // when it happened
	Data json.RawMessage `json:"data"`
}

// Order reads the data of order.paid and order.closed.
func (e Event) Order() (Order, error) { return read[Order](e, "order.") }

// Refund reads the data of refund.succeeded and refund.failed.
func (e Event) Refund() (Refund, error) { return read[Refund](e, "refund.") }

// Transfer reads the data of transfer.succeeded and transfer.failed.
func (e Event) Transfer() (Transfer, error) { return read[Transfer](e, "transfer.") }

// User reads the data of events about people; of user.erased and user.unmerged there is the ID only.
func (e Event) User() (User, error) { return read[User](e, "user.") }

// MergedUserID is the id that answers with another user since user.merged; "" of other events.
func (e Event) MergedUserID() string {
	var out struct {
		MergedUserID string `json:"merged_user_id"`
	}
	_ = json.Unmarshal(e.Data, &out) // nothing there: ""
	return out.MergedUserID
}

// read reads the data of an event of one kind.
func read[T any](e Event, kind string) (T, error) {
	var out, none T
	if !strings.HasPrefix(e.Type, kind) {
		return none, fmt.Errorf("wxhub: the event is %s", e.Type)
	}
	if err := json.Unmarshal(e.Data, &out); err != nil {
		return none, fmt.Errorf("wxhub: the data of %s cannot be read: %w", e.Type, err)
	}
	return out, nil
}

// Webhook verifies what wxhub sends (standardwebhooks.com).
type Webhook struct {
	keys [][]byte
	now  func() time.Time
}

// NewWebhook takes the secret of the webhook, whsec_…; several while it is changed.
func NewWebhook(secrets ...string) (*Webhook, error) {
	w := &Webhook{now: time.Now}
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		if err != nil || len(key) == 0 {
			return nil, errors.New("client: a webhook's secret must be whsec_ and base64") // it is not quoted
		}
		w.keys = append(w.keys, key)
	}
	if len(w.keys) == 0 {
		return nil, errors.New("client: a webhook needs its secret")
	}
	return w, nil
}

// What is wrong with a webhook that is not to be believed.
var (
	ErrSignature = errors.New("wxhub: the webhook is not signed with the secret")
	ErrStale     = errors.New("wxhub: the webhook was signed more than 5 minutes ago, or the clock is wrong")
)

// tolerance is how old, or how far in the future, a webhook may be.
const tolerance = 5 * time.Minute

// Parse verifies a webhook over its raw body and returns the event. Errors: ErrSignature, ErrStale.
func (w *Webhook) Parse(h http.Header, body []byte) (e Event, err error) {
	id, stamp := h.Get("Webhook-Id"), h.Get("Webhook-Timestamp")
	if !w.signed(id+"."+stamp+"."+string(body), h.Get("Webhook-Signature")) || id == "" {
		return e, ErrSignature
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return e, ErrSignature
	}
	if age := w.now().Sub(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return e, ErrStale
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return Event{}, fmt.Errorf("wxhub: the webhook cannot be read: %w", err)
	}
	e.ID = id
	return e, nil
}

// signed reports whether one of the signatures is by one of the keys.
func (w *Webhook) signed(content, signatures string) bool {
	for _, s := range strings.Fields(signatures) {
		text, ok := strings.CutPrefix(s, "v1,")
		given, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil {
			continue
		}
		for _, key := range w.keys {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(content))
			if hmac.Equal(mac.Sum(nil), given) {
				return true
			}
		}
	}
	return false
}

// webhookLimit bounds what is read of a webhook, in bytes.
const webhookLimit = 1 << 20

// Handler receives webhooks. An error of handle is answered 500, so wxhub sends the event again;
// it is not shown to the caller. handle must bear to get an event twice.
func (w *Webhook) Handler(handle func(context.Context, Event) error) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, webhookLimit))
		if err != nil {
			http.Error(rw, "the body cannot be read", http.StatusBadRequest)
			return
		}
		e, err := w.Parse(r.Header, body)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		if err := handle(r.Context(), e); err != nil {
			http.Error(rw, "the event was not taken; send it again", http.StatusInternalServerError)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	})
}
