package config

import (
	"regexp"
	"slices"
	"unicode/utf8"

	"wxhub/model"
)

const (
	apiKeyLength      = 32 // of both API keys, in bytes: they are AES-256 and MD5 keys
	maxCollectTitle   = 127
	merchantKeyRemedy = "set one on the merchant platform under API security"
)

var (
	merchantID  = regexp.MustCompile(`^[0-9]{6,32}$`)
	certSerial  = regexp.MustCompile(`^[0-9A-Z]{4,64}$`)
	publicKeyID = regexp.MustCompile(`^PUB_KEY_ID_[0-9A-Za-z]+$`)
)

func (r *report) merchants(c *Config) {
	oneOf(r, "pay.late_payment", c.Pay.LatePayment, []string{LateAccept, LateRefund})
	ids := unique{}
	for i, m := range c.Pay.Merchants {
		if id := at("pay.merchants", i, "id"); !merchantID.MatchString(m.ID) {
			r.fault(id, "must be the merchant number: digits only, such as 1900000001")
		} else {
			ids.claim(r, id, m.ID, "merchant")
		}
		r.merchant(i, m)
		r.boundApps(at("pay.merchants", i, "apps"), m.Apps, c.WeChat.Apps)
		r.partner(i, m, c.WeChat.Apps)
	}
}

func (r *report) merchant(i int, m Merchant) {
	key := func(name string) string { return at("pay.merchants", i, name) }
	oneOf(r, key("mode"), m.Mode, []string{ModeDirect, ModePartner})
	if r.secret(key("api_v3_key"), m.APIv3Key, merchantKeyRemedy) && len(m.APIv3Key.Reveal()) != apiKeyLength {
		r.fault(key("api_v3_key"), "must have exactly %d characters; %s", apiKeyLength, merchantKeyRemedy)
	}
	if !m.APIv2Key.IsZero() && len(m.APIv2Key.Reveal()) != apiKeyLength {
		r.fault(key("api_v2_key"), "must have exactly %d characters; %s", apiKeyLength, merchantKeyRemedy)
	}
	if !certSerial.MatchString(m.CertSerial) {
		r.fault(key("cert_serial"), "must be the hex serial of the merchant certificate: openssl x509 -in apiclient_cert.pem -noout -serial")
	}
	r.set(key("private_key"), m.PrivateKey == nil, "give the merchant's apiclient_key.pem, best as file:PATH")
	r.publicKey(key, m)
	r.codePay(key, m)
}

// codePay checks what charging payers' codes needs.
func (r *report) codePay(key func(string) string, m Merchant) {
	oneOf(r, key("code_pay"), m.CodePay, []string{CodePayV3, CodePayV2})
	if m.CodePay == CodePayV2 {
		r.set(key("api_v2_key"), m.APIv2Key.IsZero(), "code_pay v2 signs with it; "+merchantKeyRemedy)
		r.set(key("certificate"), m.Certificate == nil, "code_pay v2 takes payments back with the merchant's apiclient_cert.pem; give it, best as file:PATH")
	}
	if m.Certificate != nil && m.PrivateKey != nil && !m.PrivateKey.PublicKey.Equal(m.Certificate.PublicKey) {
		r.fault(key("certificate"), "is not the certificate of private_key; take both from one apiclient download")
	}
}

func (r *report) publicKey(key func(string) string, m Merchant) {
	switch {
	case m.PublicKeyID == "" && m.PublicKey == nil: // platform certificates
		return
	case m.PublicKeyID == "":
		r.fault(key("wechatpay_public_key_id"), "is missing: take PUB_KEY_ID_… from the merchant platform, or leave wechatpay_public_key out too, for platform certificates")
	case !publicKeyID.MatchString(m.PublicKeyID):
		r.fault(key("wechatpay_public_key_id"), "must begin with PUB_KEY_ID_, as the merchant platform shows it")
	}
	r.set(key("wechatpay_public_key"), m.PublicKey == nil, "give WeChat Pay's pub_key.pem, best as file:PATH, or leave its id out too, for platform certificates")
}

// partner checks what only a service provider has.
func (r *report) partner(i int, m Merchant, apps []App) {
	key := func(name string) string { return at("pay.merchants", i, name) }
	if m.Mode != ModePartner {
		if m.AppID != "" {
			r.fault(key("app_id"), "is for mode partner; list a direct merchant's apps under apps")
		}
		if len(m.SubMerchants) > 0 {
			r.fault(key("sub_merchants"), "are for mode partner; write mode: partner or remove them")
		}
		return
	}
	if r.set(key("app_id"), m.AppID == "", "give the service provider's own app id (sp_appid)") {
		r.boundApps(key("app_id"), []string{m.AppID}, apps)
	}
	r.set(key("sub_merchants"), len(m.SubMerchants) == 0, "list at least one, such as {id: \"1900000301\", apps: [wx…]}")
	ids := unique{}
	for j, sub := range m.SubMerchants {
		if id := at(key("sub_merchants"), j, "id"); !merchantID.MatchString(sub.ID) {
			r.fault(id, "must be the sub merchant's number: digits only")
		} else {
			ids.claim(r, id, sub.ID, "sub merchant")
		}
		r.boundApps(at(key("sub_merchants"), j, "apps"), sub.Apps, apps)
	}
}

func (r *report) boundApps(key string, bound []string, apps []App) {
	seen := unique{}
	for i, id := range bound {
		if !slices.ContainsFunc(apps, func(a App) bool { return a.ID == id }) {
			r.fault(at(key, i, ""), "%q is not one of wechat.apps; add the app or remove it here", id)
		}
		seen.claim(r, at(key, i, ""), id, "app id")
	}
}

func (r *report) collectCodes(c *Config) {
	ids := unique{}
	for i, code := range c.CollectCodes {
		key := func(name string) string { return at("collect_codes", i, name) }
		if !simpleName.MatchString(code.ID) {
			r.fault(key("id"), "must be a short name of letters, digits, - and _; it is part of the URL in the QR code")
		} else {
			ids.claim(r, key("id"), code.ID, "code")
		}
		r.collectMerchant(key, c.Pay.Merchants, code)
		if r.set(key("title"), code.Title == "", "give the name that payers see") && utf8.RuneCountInString(code.Title) > maxCollectTitle {
			r.fault(key("title"), "has more than %d characters; shorten it", maxCollectTitle)
		}
		r.amounts(key, code)
	}
}

// collectMerchant checks whose money a code collects.
func (r *report) collectMerchant(key func(string) string, merchants []Merchant, code CollectCode) {
	i := slices.IndexFunc(merchants, func(m Merchant) bool { return m.ID == code.Merchant })
	if i < 0 {
		r.fault(key("merchant"), "%q is not one of pay.merchants; add the merchant or name another", code.Merchant)
		return
	}
	known := slices.ContainsFunc(merchants[i].SubMerchants, func(s SubMerchant) bool { return s.ID == code.SubMerchant })
	switch partner := merchants[i].Mode == ModePartner; {
	case partner && !known:
		r.fault(key("sub_merchant"), "must be one of the service provider's sub_merchants")
	case !partner && code.SubMerchant != "":
		r.fault(key("sub_merchant"), "is for a service provider's merchants; remove it")
	}
}

func (r *report) amounts(key func(string) string, code CollectCode) {
	if code.Min < 1 || code.Min > model.MaxAmount {
		r.fault(key("min"), "must be from 1 to %d fen", int64(model.MaxAmount))
	}
	switch {
	case code.Max < 1 || code.Max > model.MaxAmount:
		r.fault(key("max"), "must be from 1 to %d fen; give the most that a payer may type", int64(model.MaxAmount))
	case code.Min > code.Max:
		r.fault(key("max"), "is less than min (%d); swap them", int64(code.Min))
	}
}
