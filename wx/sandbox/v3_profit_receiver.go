package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // the platform's padding is OAEP with SHA-1
	"encoding/base64"
	"encoding/json"
)

// receiverRequest is the body of adding a receiver, and less of it of deleting one.
type receiverRequest struct {
	SubMchID       string `json:"sub_mchid"`
	AppID          string `json:"appid"`
	SubAppID       string `json:"sub_appid"`
	Type           string `json:"type"`
	Account        string `json:"account"`
	Name           string `json:"name"` // encrypted
	RelationType   string `json:"relation_type"`
	CustomRelation string `json:"custom_relation"`
}

// receiverAnswer repeats what was asked; the name is encrypted for the merchant.
type receiverAnswer struct {
	SubMchID       string `json:"sub_mchid,omitempty"`
	Type           string `json:"type"`
	Account        string `json:"account"`
	Name           string `json:"name,omitempty"`
	RelationType   string `json:"relation_type,omitempty"`
	CustomRelation string `json:"custom_relation,omitempty"`
}

func (p *Platform) addReceiver(in *v3Call) (any, error) {
	r, refused := p.receiver(in, receiverFields())
	if refused != nil {
		return nil, refused
	}
	out := receiverAnswer{SubMchID: r.SubMchID, Type: r.Type, Account: r.Account, RelationType: r.RelationType, CustomRelation: r.CustomRelation}
	switch {
	case r.Type == receiverMerchant && r.Name == "":
		return nil, paramError(internalParamInvalid, "分账接收方类型是MERCHANT_ID时，商户全称必传", detailOf("/name", "missing"))
	case r.RelationType == "CUSTOM" && r.CustomRelation == "":
		return nil, paramError(internalParamInvalid, "relation_type为CUSTOM时，custom_relation必填", detailOf("/custom_relation", "missing"))
	case r.Name != "":
		names, refused := p.unsealed(in, "/name", r.Name)
		if refused != nil {
			return nil, refused
		}
		sealed, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, in.merchant.public, []byte(names[0]), nil)
		if err != nil {
			return nil, err
		}
		out.Name = base64.StdEncoding.EncodeToString(sealed)
	}
	if refused := p.checkAccount(r); refused != nil {
		return nil, refused
	}
	if refused := p.book.addReceiver(profitReceiver{in.merchant.ID, r.SubMchID, r.Type, r.Account}); refused != nil {
		return nil, refused
	}
	return out, nil
}

func (p *Platform) deleteReceiver(in *v3Call) (any, error) {
	r, refused := p.receiver(in, receiverFields()[:5])
	if refused != nil {
		return nil, refused
	}
	p.book.deleteReceiver(profitReceiver{in.merchant.ID, r.SubMchID, r.Type, r.Account})
	return receiverAnswer{SubMchID: r.SubMchID, Type: r.Type, Account: r.Account}, nil
}

func (p *Platform) receiver(in *v3Call, fields []field) (receiverRequest, *Refusal) {
	var r receiverRequest
	if _, refused := parseObject(in.body, fields); refused != nil {
		return r, refused
	}
	if json.Unmarshal(in.body, &r) != nil {
		return r, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	if refused := checkRefundSub(in, r.SubMchID); refused != nil {
		return r, refused
	}
	if !in.merchant.boundTo(r.AppID) {
		return r, appIDMchIDNotMatch()
	}
	return r, checkSubApp(in, r.Type == receiverSub, r.SubMchID, r.SubAppID)
}

// checkAccount wants a merchant that there is, or somebody's openid of the app that the type names.
func (p *Platform) checkAccount(r receiverRequest) *Refusal {
	if r.Type == receiverMerchant {
		if !p.world.pays(r.Account) {
			return paramError(internalParamInvalid, "分账接收方商户号不存在", detailOf("/account", "unknown merchant"))
		}
		return nil
	}
	app := r.AppID
	if r.Type == receiverSub {
		app = r.SubAppID
	}
	if _, owner := p.crowd.owner(r.Account); owner != app {
		return paramError(internalParamInvalid, "appid和openid不匹配", detailOf("/account", "not of the app"))
	}
	return nil
}

// pays tells whether this is a merchant or a sub merchant.
func (w *world) pays(mchID string) bool {
	for _, m := range w.merchants {
		if m.ID == mchID || m.sub(mchID) != nil {
			return true
		}
	}
	return false
}
