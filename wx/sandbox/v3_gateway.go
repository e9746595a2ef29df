package sandbox

import (
	"errors"
	"net/http"
	"strings"

	"wxhub/wx/sandbox/apiv3"
)

// v3Call is a call to WeChat Pay whose signature was verified.
type v3Call struct {
	*call
	path    map[string]string // parts of the path, decoded
	partner bool              // an endpoint of service providers
}

// serveV3 answers everything below /v3/: verify, route, answer, sign.
func (p *Platform) serveV3(w http.ResponseWriter, r *http.Request) {
	in, tooLong := p.begin(classV3, r)
	out := p.early(in)
	if out == nil {
		answer, err := p.v3Answer(in, tooLong)
		if in.fault.Kind == faultSystemErrorAfter {
			err = systemError()
		}
		out = p.v3Reply(in, answer, err)
	}
	p.send(w, in, out)
}

// v3Answer returns what to encode as the body; nil is 204.
func (p *Platform) v3Answer(in *call, tooLong bool) (any, error) {
	if tooLong {
		return nil, bodyTooLarge()
	}
	m, refused := p.authenticate(in.request, signedBody(in))
	if refused != nil {
		return nil, refused
	}
	in.merchant = m
	switch in.fault.Kind {
	case faultSystemError:
		return nil, systemError()
	case faultFrequencyLimited:
		return nil, frequencyLimited()
	case faultNotEnough:
		return nil, notEnough()
	}
	if refused := checkHeaders(in.request); refused != nil {
		return nil, refused
	}
	serve, parts := v3Route(in.request.Method, in.request.URL.EscapedPath())
	if serve == nil {
		return nil, resourceNotExists("请求的资源不存在")
	}
	in.outTradeNo = parts["out_trade_no"]
	return serve(p, &v3Call{call: in, path: parts})
}

// v3Reply encodes and signs. Answers to callers that were not identified are not signed.
func (p *Platform) v3Reply(in *call, answer any, err error) *reply {
	out := &reply{status: http.StatusOK, header: http.Header{}}
	internal := 0
	raw, isRaw := answer.(rawAnswer)
	var refused *Refusal
	switch {
	case errors.As(err, &refused):
		out.status, out.code, internal = refused.Status, refused.Code, refused.Internal
		out.body = encode(v3ErrorBody{refused.Code, refused.Message, refused.Detail})
	case err != nil:
		out.status, out.code, internal = http.StatusInternalServerError, "SYSTEM_ERROR", internalSystemError
		out.body = encode(v3ErrorBody{Code: out.code, Message: systemError().Message})
	case isRaw: // put in below, without a signature
	case answer == nil:
		out.status = http.StatusNoContent
	default:
		out.body = encode(answer)
	}
	p.v3Headers(out, internal)
	if isRaw && err == nil {
		rawInto(out, raw, in.fault.Kind)
		return out
	}
	if in.merchant != nil && (out.status < 300 || p.behaviour.SignErrors) {
		p.signInto(out, in)
	}
	return out
}

// v3ErrorBody is the body of every error.
type v3ErrorBody struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Detail  any    `json:"detail,omitempty"`
}

func (p *Platform) v3Headers(out *reply, internal int) {
	out.header.Set("Server", "nginx")
	out.header.Set("Cache-Control", "no-cache, must-revalidate")
	out.header.Set("Content-Language", "zh-CN")
	out.header["Request-ID"] = []string{p.ids.requestID(internal)} // spelled as the platform does
	if out.status != http.StatusNoContent {
		out.header.Set("Content-Type", "application/json; charset=utf-8")
	}
}

func (p *Platform) signInto(out *reply, in *call) {
	header, body := p.signed(in.merchant, in.request.Header.Get("Wechatpay-Serial"), out.body, in.fault.Kind)
	out.body = body
	for name, values := range header {
		out.header[name] = values
	}
}

// checkHeaders asks for what every client must send besides the signature.
func checkHeaders(r *http.Request) *Refusal {
	accept := r.Header.Get("Accept")
	if accept == "" || r.UserAgent() == "" {
		return paramError(internalParamInvalid, "Http头缺少Accept或User-Agent", nil)
	}
	if !strings.Contains(accept, "application/json") && !strings.Contains(accept, "*/*") {
		return paramError(internalParamInvalid, "Http头Accept必须为application/json", nil)
	}
	if r.Method != http.MethodGet && !isUpload(r.URL.Path) && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return paramError(internalParamInvalid, "Http头Content-Type必须为application/json", nil)
	}
	return nil
}

// signatureHeaders are the headers that the platform adds to a body.
func signatureHeaders(timestamp, nonce, serial, signature string) http.Header {
	return http.Header{
		"Wechatpay-Timestamp":      {timestamp},
		"Wechatpay-Nonce":          {nonce},
		"Wechatpay-Serial":         {serial},
		"Wechatpay-Signature":      {signature},
		"Wechatpay-Signature-Type": {apiv3.Scheme},
	}
}
