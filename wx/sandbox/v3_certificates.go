package sandbox

import (
	"slices"

	"wxhub/wx/sandbox/apiv3"
)

// certificatesAnswer is the list of platform certificates, each encrypted with the merchant's APIv3 key.
type certificatesAnswer struct {
	Data []certificateItem `json:"data"`
}

type certificateItem struct {
	SerialNo    string             `json:"serial_no"`
	Effective   string             `json:"effective_time"`
	Expire      string             `json:"expire_time"`
	Certificate encryptCertificate `json:"encrypt_certificate"`
}

type encryptCertificate struct {
	Algorithm      string `json:"algorithm"`
	Nonce          string `json:"nonce"`
	AssociatedData string `json:"associated_data"`
	Ciphertext     string `json:"ciphertext"`
}

// certificates answers 404 for a merchant that has nothing but a public key.
func (p *Platform) certificates(in *v3Call) (any, error) {
	kind := in.request.URL.Query().Get("algorithm_type")
	if !slices.Contains([]string{"", "RSA", "SM2", "ALL"}, kind) {
		return nil, paramError(internalParamRange, "algorithm_type的可选值为RSA、SM2、ALL", fieldDetail{Field: "algorithm_type", Issue: "not in enum", Location: "query"})
	}
	listed := p.verification.listed(in.merchant.ID)
	switch {
	case len(listed) == 0 || kind == "SM2":
		return nil, resourceNotExists("无可用的平台证书")
	case in.merchant.APIv3Key == "":
		return nil, signError("商户未设置APIv3密钥。", nil)
	}
	var out certificatesAnswer
	for _, c := range listed {
		sealed := encryptCertificate{Algorithm: apiv3.Algorithm, Nonce: p.ids.text(alnum, 12), AssociatedData: "certificate"}
		text, err := apiv3.Seal(in.merchant.APIv3Key, sealed.Nonce, sealed.AssociatedData, []byte(c.pem))
		if err != nil {
			return nil, err
		}
		sealed.Ciphertext = text
		out.Data = append(out.Data, certificateItem{c.serial, stamp(c.begins), stamp(c.ceases), sealed})
	}
	return out, nil
}
