package micropay

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"

	"wxhub/model"
	"wxhub/wx"
)

// Merchant is a direct merchant or a service provider, as far as APIv2 knows it.
type Merchant struct {
	ID      string       // mch_id
	Partner bool         // a service provider: every payment belongs to a sub merchant
	AppID   string       // of a payment that names no app of its own
	Key     model.Secret // the APIv2 key, 32 bytes
	// Client makes the calls, with the merchant's certificate on connections that ask for
	// one (transport.WithCertificate).
	Client *http.Client
}

func (m Merchant) check() error {
	if m.ID == "" || m.Key.IsZero() || m.Client == nil {
		return fmt.Errorf("merchant %s: it needs an id, an APIv2 key and a client", m.ID)
	}
	return nil
}

// Gateway charges codes for its merchants. It is safe for concurrent use.
type Gateway struct {
	merchants map[string]Merchant
	entropy   io.Reader
}

// New makes a gateway. Errors: a merchant that is described incompletely.
func New(merchants []Merchant) (*Gateway, error) {
	g := &Gateway{merchants: map[string]Merchant{}, entropy: rand.Reader}
	for _, m := range merchants {
		if err := m.check(); err != nil {
			return nil, err
		}
		g.merchants[m.ID] = m
	}
	return g, nil
}

// find looks up the merchant of a payment and fills in its app.
func (g *Gateway) find(t *wx.CodeTrade) (Merchant, error) {
	m, ok := g.merchants[t.MerchantID]
	switch {
	case !ok:
		return m, wx.ErrMerchantUnknown
	case m.Partner != (t.SubMerchantID != ""):
		return m, model.InvalidField("sub_merchant_id", "is for service providers, and needed there")
	case t.SubAppID != "" && t.SubMerchantID == "":
		return m, model.InvalidField("sub_app_id", "needs a sub merchant")
	}
	if t.AppID == "" {
		t.AppID = m.AppID
	}
	return m, nil
}

// errElse: a signature covers the answer and not what was asked.
var errElse = errors.New("the answer is about something else than was asked for")
