package sandbox

import (
	"net/http"

	"wxhub/wx/sandbox/apiv3"
)

// notification is the body of every notification.
type notification struct {
	ID           string   `json:"id"`
	CreateTime   string   `json:"create_time"`
	ResourceType string   `json:"resource_type"`
	EventType    string   `json:"event_type"`
	Summary      string   `json:"summary"`
	Resource     resource `json:"resource"`
}

// resource is the encrypted part. Nonce has 12 ASCII characters.
type resource struct {
	OriginalType   string `json:"original_type"`
	Algorithm      string `json:"algorithm"`
	Ciphertext     string `json:"ciphertext"`
	AssociatedData string `json:"associated_data"`
	Nonce          string `json:"nonce"`
}

const transactionResource = "transaction"

// compose makes headers and body of one attempt, signed now, spoiled as the fault says.
func (n *notifier) compose(d *delivery, fault string) (http.Header, []byte) {
	event := d.event
	if fault == faultUnknownEvent {
		event = "TRANSACTION.SANDBOX_UNKNOWN"
	}
	whole := encode(notification{
		ID: d.id, CreateTime: stamp(d.created), ResourceType: "encrypt-resource", EventType: event, Summary: d.summary,
		Resource: n.resource(d, fault),
	})
	header, body := n.p.signed(d.to, whole, fault)
	if fault == faultTruncate {
		body = body[:len(body)/2]
	}
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "*/*")
	header.Set("User-Agent", "Mozilla/4.0")
	header["Request-ID"] = []string{n.p.ids.requestID(0)}
	return header, body
}

func (n *notifier) resource(d *delivery, fault string) resource {
	r := resource{
		OriginalType: transactionResource, Algorithm: apiv3.Algorithm, AssociatedData: transactionResource,
		Nonce: n.p.ids.text(alnum, 12),
	}
	key := d.to.APIv3Key
	if fault == faultWrongKey {
		key = derived("a key that nobody has", 32)
	}
	// Sealing fails only for a key or nonce of a wrong length; neither is possible here.
	r.Ciphertext, _ = apiv3.Seal(key, r.Nonce, r.AssociatedData, encode(n.falsified(d, fault)))
	if fault == faultBadNonce {
		r.Nonce = r.Nonce[:8]
	}
	return r
}

// falsified is the transaction, or one that a careless receiver would take for it.
func (n *notifier) falsified(d *delivery, fault string) transaction {
	t := transactionOf(d.order)
	switch fault {
	case faultWrongAmount:
		less := max(1, t.Amount.Total/2)
		if less == t.Amount.Total {
			less++
		}
		t.Amount.Total, t.Amount.PayerTotal = less, &less
	case faultWrongMchid:
		t.MchID = "19" + n.p.ids.text(digits, 8)
	case faultWrongAppid:
		t.AppID = "wx" + n.p.ids.text(hexLower, 16)
	case faultSwapped:
		t.OutTradeNo = n.p.book.anotherNumber(d.order)
	}
	return t
}

// anotherNumber is the newest other order of the same merchant, or a number that nobody knows.
func (b *book) anotherNumber(than Order) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.orders) - 1; i >= 0; i-- {
		if o := b.orders[i]; o.MchID == than.MchID && o.OutTradeNo != than.OutTradeNo {
			return o.OutTradeNo
		}
	}
	return b.ids.text(alnum, 24)
}
