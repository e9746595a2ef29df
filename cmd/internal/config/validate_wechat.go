package config

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"wxhub/model"
)

var (
	appID     = regexp.MustCompile(`^wx[0-9a-zA-Z_-]{4,30}$`)
	pushToken = regexp.MustCompile(`^[0-9a-zA-Z]{3,32}$`)
	aesKey    = regexp.MustCompile(`^[0-9a-zA-Z]{43}$`)
	appKinds  = []model.AppKind{model.MiniProgram, model.OfficialAccount, model.Website, model.MobileApp}
)

func (r *report) endpoints(e Endpoints) {
	r.webURL("wechat.endpoints.api", e.API, "https://api.weixin.qq.com")
	r.webURL("wechat.endpoints.open", e.Open, "https://open.weixin.qq.com")
	r.webURL("wechat.endpoints.mch", e.Mch, "https://api.mch.weixin.qq.com")
}

// forwardPaths checks the allow-list of the drop-in face.
func (r *report) forwardPaths(paths []string) {
	for i, p := range paths {
		if !strings.HasPrefix(strings.TrimPrefix(p, "!"), "/") {
			r.fault(at("wechat.forward_paths", i, ""), "must begin with / or !/, such as /cgi-bin/user/ or !/cgi-bin/clear_quota")
		}
	}
}

func (r *report) apps(apps []App) {
	ids := unique{}
	for i, a := range apps {
		r.app(i, a, ids)
	}
}

func (r *report) app(i int, a App, ids unique) {
	const list = "wechat.apps"
	if id := at(list, i, "id"); !appID.MatchString(a.ID) {
		r.fault(id, "must be an app id as WeChat gives it: wx and letters or digits")
	} else {
		ids.claim(r, id, a.ID, "app id")
	}
	oneOf(r, at(list, i, "kind"), a.Kind, appKinds)
	r.secret(at(list, i, "secret"), a.Secret, "give the AppSecret from WeChat's console")
	if a.OpenPlatform != "" && !simpleName.MatchString(a.OpenPlatform) {
		r.fault(at(list, i, "open_platform"), "must be a short name of your own, such as main; not an id or a secret of WeChat's")
	}
	r.push(i, a)
	r.migrated(i, a)
	r.shipping(i, a)
	r.jsHosts(i, a)
	if a.Kind == model.OfficialAccount {
		r.menus(i, a)
		return
	}
	for key, there := range map[string]bool{"menu": len(a.Menu) > 0, "conditional_menus": len(a.ConditionalMenus) > 0} {
		if there {
			r.fault(at(list, i, key), "only an official_account has a menu; remove it")
		}
	}
}

// migrated checks the app id that an official account had before.
func (r *report) migrated(i int, a App) {
	switch key := at("wechat.apps", i, "migrated_from"); {
	case a.MigratedFrom == "":
	case a.Kind != model.OfficialAccount:
		r.fault(key, "only an official_account can be migrated to; remove it")
	case !appID.MatchString(a.MigratedFrom), a.MigratedFrom == a.ID:
		r.fault(key, "must be the app id that the account had before: wx and letters or digits, another than id")
	}
}

// push checks what message push needs: a token, and a key when messages come encrypted.
func (r *report) push(i int, a App) {
	token, key := at("wechat.apps", i, "token"), at("wechat.apps", i, "aes_key")
	if a.Kind == model.Website || a.Kind == model.MobileApp {
		const remedy = "a %s gets no messages; remove it"
		if !a.Token.IsZero() {
			r.fault(token, remedy, a.Kind)
		}
		if !a.AESKey.IsZero() {
			r.fault(key, remedy, a.Kind)
		}
		return
	}
	if !a.Token.IsZero() && !pushToken.MatchString(a.Token.Reveal()) {
		r.fault(token, "must be 3 to 32 letters and digits, the same as in WeChat's console")
	}
	if a.AESKey.IsZero() {
		return
	}
	if a.Token.IsZero() {
		r.fault(token, "is missing though aes_key is given; message push needs both")
	}
	if k := a.AESKey.Reveal(); !aesKey.MatchString(k) || decodedLength(k+"=") != 32 {
		r.fault(key, "must be the EncodingAESKey of WeChat's console: 43 letters and digits")
	}
}

// decodedLength of base64 text, -1 when it is none.
func decodedLength(text string) int {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return -1
	}
	return len(raw)
}

// shippings are the ways of delivery that need no tracking number, so that they can be told
// without the backend.
var shippings = []string{"virtual", "self_pickup", "same_city"}

func (r *report) shipping(i int, a App) {
	const list = "wechat.apps"
	switch {
	case !a.UploadShippingInfo && a.Shipping == "":
	case a.Kind != model.MiniProgram && slices.Contains(appKinds, a.Kind): // another fault tells of an unknown kind
		r.fault(at(list, i, "upload_shipping_info"), "and shipping are for a mini_program; remove them")
	case !a.UploadShippingInfo:
		r.fault(at(list, i, "shipping"), "does nothing without upload_shipping_info: true; add it or remove this")
	default:
		oneOf(r, at(list, i, "shipping"), a.Shipping, shippings)
	}
}
