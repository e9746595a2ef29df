package config

import (
	"crypto/rsa"
	"crypto/x509"
	"time"

	"wxhub/model"
)

// Config is everything an operator decides. Load returns only valid ones.
// The key tags are the names in the file, as fixed by the contract.
type Config struct {
	Server       Server        `key:"server"`
	Store        Store         `key:"store"`
	Redis        Redis         `key:"redis"`
	WeChat       WeChat        `key:"wechat"`
	Pay          Pay           `key:"pay"`
	Webhooks     []Webhook     `key:"webhooks"`
	CollectCodes []CollectCode `key:"collect_codes"`
	Jobs         Jobs          `key:"jobs"`
}

// Server is how wxhub is reached and by whom.
type Server struct {
	Addr            string        `key:"addr"`       // listen address, host:port
	PublicURL       string        `key:"public_url"` // what WeChat and browsers call back, without a trailing slash
	APIKeys         []APIKey      `key:"api_keys"`
	SessionTTL      time.Duration `key:"session_ttl"`
	ShutdownTimeout time.Duration `key:"shutdown_timeout"` // how long running requests may take to finish
	TrustedProxies  []string      `key:"trusted_proxies"`  // addresses and CIDRs whose X-Forwarded-For is believed
	VerifyFiles     []VerifyFile  `key:"verify_files"`     // files by which WeChat checks that a domain is yours
	PosterFont      string        `key:"poster_font"`      // a TrueType or OpenType file for the text on posters in PNG
}

// VerifyFile is a file by which WeChat checks a domain, such as MP_verify_x.txt.
type VerifyFile struct {
	Name    string `key:"name"`
	Content string `key:"content"`
}

// APIKey lets one business backend in, within its scopes.
type APIKey struct {
	Name   string       `key:"name"`
	Key    model.Secret `key:"key"`
	Scopes []string     `key:"scopes"`
}

// Store is where orders and users are kept. The URL may hold a password.
type Store struct {
	URL model.Secret `key:"url"`
}

// Redis is where sessions and locks are kept. The URL may hold a password.
type Redis struct {
	URL model.Secret `key:"url"`
}

// WeChat is the platform and the apps that are registered there.
type WeChat struct {
	Endpoints Endpoints `key:"endpoints"`
	Apps      []App     `key:"apps"`
	// ForwardPaths are the paths below /v1/wxapi that are passed on to WeChat: prefixes,
	// a '!' in front forbids, the longest decides.
	ForwardPaths []string `key:"forward_paths"`
}

// Endpoints are the base URLs of the platform, without a trailing slash. The
// sandbox and tests put themselves here.
type Endpoints struct {
	API  string `key:"api"`
	Open string `key:"open"`
	Mch  string `key:"mch"`
}

// App is one door through which people come.
type App struct {
	ID           string        `key:"id"`
	Kind         model.AppKind `key:"kind"`
	Secret       model.Secret  `key:"secret"`
	OpenPlatform string        `key:"open_platform"` // our name of the open-platform account that scopes union ids
	Token        model.Secret  `key:"token"`         // message push
	AESKey       model.Secret  `key:"aes_key"`       // message push
	Menu         []MenuButton  `key:"menu"`          // official accounts only
	// ConditionalMenus are what some followers see instead of Menu. The first that matches counts.
	ConditionalMenus []ConditionalMenu `key:"conditional_menus"`
	ClassicToken     bool              `key:"classic_token"` // /cgi-bin/token instead of stable_token
	MigratedFrom     string            `key:"migrated_from"` // official accounts: the app id before an account migration
	JSHosts          []string          `key:"js_hosts"`      // official accounts: hosts whose pages may use the JS-SDK; empty: public_url's
	// UploadShippingInfo tells WeChat, after each payment in a mini-program, that it is
	// delivered in the way of Shipping.
	UploadShippingInfo bool   `key:"upload_shipping_info"`
	Shipping           string `key:"shipping"`
}

// MenuButton is one button of an official account's menu. The keys are WeChat's own.
type MenuButton struct {
	Name       string       `key:"name"`
	Type       string       `key:"type"`
	URL        string       `key:"url"` // of view also a path on this server, whose tap logs in first
	Key        string       `key:"key"`
	AppID      string       `key:"appid"`
	PagePath   string       `key:"pagepath"`
	MediaID    string       `key:"media_id"`
	ArticleID  string       `key:"article_id"`
	SubButtons []MenuButton `key:"sub_button"`
}

// ConditionalMenu is a menu for some followers. Both of TagID and Platform must match.
type ConditionalMenu struct {
	TagID    string       `key:"tag_id"`   // WeChat's number of a group of followers
	Platform string       `key:"platform"` // of the phone: ios, android or other
	Menu     []MenuButton `key:"menu"`
}

// Pay is the money side.
type Pay struct {
	// LatePayment is what becomes of a payment whose order was closed already: LateAccept
	// takes the order as paid, LateRefund gives the money back.
	LatePayment string     `key:"late_payment"`
	Merchants   []Merchant `key:"merchants"`
}

// Merchant is one WeChat Pay merchant. Without a public key of WeChat Pay's it is verified
// by platform certificates.
type Merchant struct {
	ID          string          `key:"id"`
	Mode        string          `key:"mode"`
	APIv3Key    model.Secret    `key:"api_v3_key"`
	APIv2Key    model.Secret    `key:"api_v2_key"`
	CertSerial  string          `key:"cert_serial"`                            // upper-case hex
	PrivateKey  *rsa.PrivateKey `key:"private_key" json:"-" yaml:"-"`          // encoders would print its numbers
	PublicKeyID string          `key:"wechatpay_public_key_id"`                // PUB_KEY_ID_…
	PublicKey   *rsa.PublicKey  `key:"wechatpay_public_key" json:"-" yaml:"-"` // WeChat Pay's, not the merchant's own
	Apps        []string        `key:"apps"`                                   // app ids bound to it; empty: all
	// AppID and SubMerchants are a service provider's: its own app (sp_appid), and whom it
	// takes payments for.
	AppID        string        `key:"app_id"`
	SubMerchants []SubMerchant `key:"sub_merchants"`
	// CodePay is the API that payers' codes are charged by. APIv2 needs its key, and the
	// merchant's certificate to take a payment back.
	CodePay     string            `key:"code_pay"`
	Certificate *x509.Certificate `key:"certificate" json:"-" yaml:"-"`
}

// SubMerchant is a merchant whose payments a service provider takes.
type SubMerchant struct {
	ID   string   `key:"id"`
	Apps []string `key:"apps"` // its own app ids, in which payers can pay (sub_appid)
}

// Webhook is one endpoint of a business backend that wants our events.
type Webhook struct {
	URL    string            `key:"url"`
	Secret model.Secret      `key:"secret"`
	Events []model.EventType `key:"events"`
}

// CollectCode is a fixed QR code whose payer types the amount.
type CollectCode struct {
	ID          string    `key:"id"`
	Merchant    string    `key:"merchant"`
	SubMerchant string    `key:"sub_merchant"` // when Merchant is a service provider
	Title       string    `key:"title"`
	Min         model.Fen `key:"min"`
	Max         model.Fen `key:"max"`
}

// Jobs is how often the background work looks around.
type Jobs struct {
	OrderSweepInterval  time.Duration `key:"order_sweep_interval"`  // unpaid orders are asked for at WeChat
	WebhookPollInterval time.Duration `key:"webhook_poll_interval"` // events are looked for
	TokenRenewInterval  time.Duration `key:"token_renew_interval"`  // tokens are looked at, and renewed when they are about to end
	ReconcileAt         string        `key:"reconcile_at"`          // time of day in China at which the bills of the day before are compared; "" or Off for never
	ReconcileFundFlow   bool          `key:"reconcile_fund_flow"`   // and with direct merchants' fund-flow bills
	HarvestInterval     time.Duration `key:"harvest_interval"`      // pause between two passes over the followers of official accounts; 0 makes none
}
