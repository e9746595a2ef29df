package app

import (
	"wxhub/cmd/internal/config"
	"wxhub/identity"
	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
	"wxhub/server/webhook"
	"wxhub/wx/wxpay"
)

// The configuration, in the words of those who need it.

func merchants(c *config.Config) (out []wxpay.Merchant) {
	for _, m := range c.Pay.Merchants {
		out = append(out, wxpay.Merchant{
			ID: m.ID, CertSerial: m.CertSerial, PrivateKey: m.PrivateKey, APIv3Key: m.APIv3Key,
			PublicKeyID: m.PublicKeyID, PublicKey: m.PublicKey, Partner: m.Mode == config.ModePartner, AppID: m.AppID,
		})
	}
	return out
}

func payMerchants(c *config.Config) (out []pay.Merchant) {
	for _, m := range c.Pay.Merchants {
		merchant := pay.Merchant{ID: m.ID, Apps: m.Apps, Partner: m.Mode == config.ModePartner, AppID: m.AppID}
		for _, sub := range m.SubMerchants {
			merchant.SubMerchants = append(merchant.SubMerchants, pay.SubMerchant{ID: sub.ID, Apps: sub.Apps})
		}
		out = append(out, merchant)
	}
	return out
}

func miniPrograms(c *config.Config) map[string]model.Secret {
	out := map[string]model.Secret{}
	for _, a := range c.WeChat.Apps {
		if a.Kind == model.MiniProgram {
			out[a.ID] = a.Secret
		}
	}
	return out
}

func apps(c *config.Config) (out []identity.App) {
	for _, a := range c.WeChat.Apps {
		out = append(out, identity.App{ID: a.ID, Kind: a.Kind, OpenPlatform: a.OpenPlatform})
	}
	return out
}

func payApps(c *config.Config) (out []pay.App) {
	for _, a := range c.WeChat.Apps {
		out = append(out, pay.App{ID: a.ID, Kind: a.Kind})
	}
	return out
}

func collectCodes(c *config.Config) (out []pay.CollectCode) {
	for _, x := range c.CollectCodes {
		out = append(out, pay.CollectCode{ID: x.ID, MerchantID: x.Merchant, SubMerchantID: x.SubMerchant, Title: x.Title, Min: x.Min, Max: x.Max})
	}
	return out
}

func endpoints(c *config.Config) (out []webhook.Endpoint) {
	for _, w := range c.Webhooks {
		out = append(out, webhook.Endpoint{URL: w.URL, Secret: w.Secret, Events: w.Events})
	}
	return out
}

func keys(c *config.Config) (out []edge.Key) {
	for _, k := range c.Server.APIKeys {
		key := edge.Key{Name: k.Name, Secret: k.Key}
		for _, s := range k.Scopes {
			key.Scopes = append(key.Scopes, edge.Scope(s))
		}
		out = append(out, key)
	}
	return out
}
