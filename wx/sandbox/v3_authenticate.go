package sandbox

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wxhub/wx/sandbox/apiv3"
)

const maxSkew = 5 * time.Minute

// authenticate checks the request signature. A nonce that was seen before is accepted, as on the platform.
func (p *Platform) authenticate(r *http.Request, body []byte) (*merchant, *Refusal) {
	given, err := apiv3.ParseAuthorization(r.Header.Get("Authorization"))
	switch {
	case errors.Is(err, apiv3.ErrScheme):
		return nil, signError("Http头Authorization认证类型不正确", nil)
	case err != nil:
		return nil, signError("Authorization不合法", nil)
	}
	seconds, err := strconv.ParseInt(given.Timestamp, 10, 64)
	if err != nil {
		return nil, signError("Authorization不合法", nil)
	}
	if p.clock.wall().Sub(time.Unix(seconds, 0)).Abs() > maxSkew {
		return nil, signError("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟", nil)
	}
	m := p.world.merchant(given.MchID)
	if m == nil || m.CertSerial != given.SerialNo {
		return nil, signError("商户证书序列号有误。请使用签名私钥匹配的证书序列号", nil)
	}
	uri := requestURI(r)
	message := apiv3.RequestMessage(r.Method, uri, given.Timestamp, given.Nonce, body)
	if apiv3.Verify(m.public, message, given.Signature) != nil {
		return nil, signError("签名错误", mismatch(r.Method, uri, given, body, len(message)))
	}
	return m, nil
}

// requestURI is path and query as they were sent, also when a proxy sent the absolute form.
func requestURI(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

// signDetail is the detail object of a wrong signature.
type signDetail struct {
	Detail   signIssue `json:"detail"`
	Field    string    `json:"field"`
	Location string    `json:"location"`
	Sign     signInfo  `json:"sign_information"`
}

type signIssue struct {
	Issue string `json:"issue"`
}

// signInfo shows the message that the platform built: its length in bytes, and its beginning.
type signInfo struct {
	Method    string `json:"method"`
	URL       string `json:"url"`
	Length    int    `json:"sign_message_length"`
	Truncated string `json:"truncated_sign_message"`
}

func mismatch(method, uri string, a apiv3.Authorization, body []byte, length int) signDetail {
	shown := body[:min(len(body), 8)]
	return signDetail{
		Detail: signIssue{"sign not match"}, Field: "signature", Location: "authorization",
		Sign: signInfo{method, uri, length, apiv3.RequestMessage(method, uri, a.Timestamp, a.Nonce, shown)},
	}
}
