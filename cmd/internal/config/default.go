package config

import "time"

// The modes of a merchant.
const (
	ModeDirect  = "direct"
	ModePartner = "partner" // a service provider, which takes payments for its sub merchants
)

// What becomes of a payment that comes after its order was closed.
const (
	LateAccept = "accept"
	LateRefund = "refund"
)

// The APIs that payers' codes are charged by.
const (
	CodePayV3 = "v3"
	CodePayV2 = "v2"
)

// Default is the configuration of an empty file: an embedded store, an embedded
// Redis, the real platform, no apps.
func Default() *Config {
	return &Config{
		Server: Server{
			Addr:            ":8080",
			PublicURL:       "http://127.0.0.1:8080",
			SessionTTL:      720 * time.Hour,
			ShutdownTimeout: 20 * time.Second,
		},
		Store: Store{URL: "sqlite:data/wxhub.db"},
		Redis: Redis{URL: "embedded:"},
		WeChat: WeChat{
			Endpoints: Endpoints{
				API:  "https://api.weixin.qq.com",
				Open: "https://open.weixin.qq.com",
				Mch:  "https://api.mch.weixin.qq.com",
			},
			// Quotas are for people to clear, and these calls carry the appsecret or give
			// away what only wxhub should hold.
			ForwardPaths: []string{"/cgi-bin/", "/wxa/", "/datacube/", "/card/", "/customservice/",
				"!/cgi-bin/clear_quota", "!/cgi-bin/token", "!/cgi-bin/stable_token", "!/cgi-bin/ticket/", "!/cgi-bin/component/", "!/wxa/resetusersessionkey"},
		},
		Pay: Pay{LatePayment: LateAccept},
		Jobs: Jobs{
			OrderSweepInterval: 30 * time.Second, WebhookPollInterval: time.Second, TokenRenewInterval: 15 * time.Second,
			HarvestInterval: 24 * time.Hour, ReconcileAt: "10:30",
		},
	}
}

// defaulter is a list element with defaults of its own.
type defaulter interface{ setDefaults() }

func (m *Merchant) setDefaults()    { m.Mode, m.CodePay = ModeDirect, CodePayV3 }
func (c *CollectCode) setDefaults() { c.Min = 1 }
