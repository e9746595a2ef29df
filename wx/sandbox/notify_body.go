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

// letter is one attempt as it leaves.
type letter struct {
	url    string
	header http.Header
	body   []byte
}

// compose makes one attempt, signed now, spoiled as the fault says.
func (n *notifier) compose(d *delivery, fault string) letter {
	if d.push != nil {
		return n.composePush(d, fault)
	}
	event := d.event
	if fault == faultUnknownEvent {
		event = "TRANSACTION.SANDBOX_UNKNOWN"
	}
	whole := encode(notification{
		ID: d.id, CreateTime: stamp(d.created), ResourceType: "encrypt-resource", EventType: event, Summary: d.summary,
		Resource: n.resource(d, fault),
	})
	header, body := n.p.signed(d.to, "", whole, fault)
	if fault == faultTruncate {
		body = body[:len(body)/2]
	}
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "*/*")
	header.Set("User-Agent", "Mozilla/4.0")
	header["Request-ID"] = []string{n.p.ids.requestID(0)}
	return letter{d.url, header, body}
}

func (n *notifier) resource(d *delivery, fault string) resource {
	r := resource{
		OriginalType: d.kind, Algorithm: apiv3.Algorithm, AssociatedData: d.kind,
		Nonce: n.p.ids.text(alnum, 12),
	}
	key := d.to.APIv3Key
	if fault == faultWrongKey {
		key = derived("a key that nobody has", 32)
	}
	// Sealing fails only for a key or nonce of a wrong length; neither is possible here.
	r.Ciphertext, _ = apiv3.Seal(key, r.Nonce, r.AssociatedData, encode(d.content(fault)))
	if fault == faultBadNonce {
		r.Nonce = r.Nonce[:8]
	}
	return r
}
