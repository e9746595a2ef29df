package config

import (
	"net/url"
	"strings"

	"wxhub/model"
)

// Standard Webhooks asks for 24 to 64 random bytes. A shorter secret works with every
// receiver, so it is a notice and not a fault.
const (
	webhookPrefix       = "whsec_"
	advisedWebhookBytes = 24
	maxWebhookBytes     = 64
)

func (r *report) webhooks(hooks []Webhook) {
	urls := unique{}
	for i, h := range hooks {
		key := func(name string) string { return at("webhooks", i, name) }
		if r.webhookURL(key("url"), h.URL) {
			urls.claim(r, key("url"), h.URL, "URL")
		}
		if r.secret(key("secret"), h.Secret, "give the secret that signs the events") && !goodWebhookSecret(h.Secret) {
			r.fault(key("secret"), "must be %s and %d to %d bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)",
				webhookPrefix, advisedWebhookBytes, maxWebhookBytes)
		}
		r.events(key("events"), h.Events)
	}
}

// webhookURL may be private or loopback, and may have a query: it is the operator's own.
func (r *report) webhookURL(key, text string) bool {
	const example = "https://shop.example.com/wxhub"
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		r.fault(key, "must be an absolute http or https URL, such as %s", example)
	case u.User != nil: // the URL is shown in logs and kept with each delivery
		r.fault(key, "must not hold a user or password; the signature proves who sends")
	case strings.Contains(text, "#"):
		r.fault(key, "must not have a fragment; remove what follows #")
	default:
		return true
	}
	return false
}

func goodWebhookSecret(s model.Secret) bool {
	n := webhookBytes(s)
	return n > 0 && n <= maxWebhookBytes
}

// webhookBytes is the length of the decoded secret, -1 when it is none.
func webhookBytes(s model.Secret) int {
	encoded, ok := strings.CutPrefix(s.Reveal(), webhookPrefix)
	if !ok {
		return -1
	}
	return decodedLength(encoded)
}

func (r *report) events(key string, events []model.EventType) {
	words, known := make([]string, len(events)), make([]string, len(model.EventTypes))
	for i, e := range events {
		words[i] = string(e)
	}
	for i, e := range model.EventTypes {
		known[i] = string(e)
	}
	r.wordList(key, words, known)
}
