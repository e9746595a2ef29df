package config

import (
	"fmt"
	"strings"
)

// Notices lists, one sentence each, what works but should not stay so, and what is
// configured but not served by this version: accepted, so that one file works for
// several versions, but not in silence.
func (c *Config) Notices() []string {
	var notices []string
	say := func(format string, args ...any) { notices = append(notices, fmt.Sprintf(format, args...)) }
	for i, a := range c.WeChat.Apps {
		if a.OpenPlatform == "" && len(c.WeChat.Apps) > 1 {
			say("wechat.apps[%d]: without open_platform its users are joined with nobody of another app (%s).", i, a.ID)
		}
		if !a.Token.IsZero() && a.AESKey.IsZero() {
			say("wechat.apps[%d]: message push without aes_key: the signature does not cover what a message says; choose safe mode in WeChat's console (%s).", i, a.ID)
		}
	}
	for i, m := range c.Pay.Merchants {
		if m.PublicKey != nil && m.PrivateKey.PublicKey.Equal(m.PublicKey) {
			say("pay.merchants[%d]: wechatpay_public_key is the merchant's own key; WeChat Pay's answers verify only with its own pub_key.pem (%s).", i, m.ID)
		}
		if !m.APIv2Key.IsZero() && m.CodePay != CodePayV2 {
			say("pay.merchants[%d]: api_v2_key is not used while code_pay is v3 (%s).", i, m.ID)
		}
	}
	if real := Default().WeChat.Endpoints.Mch; len(c.Pay.Merchants) > 0 && c.WeChat.Endpoints.Mch == real && strings.HasPrefix(c.Server.PublicURL, "http://") {
		say("server.public_url is http: WeChat Pay sends its notifications to https only, so payments are found by asking, every %s.", c.Jobs.OrderSweepInterval)
	}
	for i, k := range c.Server.APIKeys {
		if len(k.Key.Reveal()) < advisedAPIKeyLength {
			say("server.api_keys[%d]: the key is short; make a longer one with: openssl rand -hex 32 (%s).", i, k.Name)
		}
	}
	for i, h := range c.Webhooks {
		if webhookBytes(h.Secret) < advisedWebhookBytes {
			say("webhooks[%d]: the secret is short; make a longer one with: echo whsec_$(openssl rand -base64 32)", i)
		}
	}
	return notices
}
