package sandbox

import (
	"crypto/rsa"
	"crypto/subtle"
	"net/http"
	"strings"

	"wxhub/wx/sandbox/apiv2"
)

// v2Call is a call to APIv2 whose signature was verified.
type v2Call struct {
	*call
	values v2Values
}

// v2Endpoint does the work of one path and returns the fields that it adds to the answer.
type v2Endpoint func(*Platform, *v2Call) ([]v2Field, error)

// v2Endpoints are the paths of APIv2 that are simulated.
func v2Endpoints() map[string]v2Endpoint {
	return map[string]v2Endpoint{
		"/pay/micropay":           (*Platform).micropay,
		"/pay/orderquery":         (*Platform).v2Query,
		v2Secure + "pay/reverse":  (*Platform).v2Reverse,
		"/tools/authcodetoopenid": (*Platform).authCodeToOpenID,
	}
}

// v2Secure is where the platform wants the merchant's certificate.
const v2Secure = "/secapi/"

// isV2 tells the paths of APIv2 from those of api.weixin.qq.com.
func isV2(path string) bool {
	for _, prefix := range v2Prefixes() {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

func v2Prefixes() []string { return []string{"/pay/", v2Secure, "/tools/"} }

// serveV2 answers APIv2: parse, verify, route, answer, sign. HTTP is 200 also for errors.
func (p *Platform) serveV2(w http.ResponseWriter, r *http.Request) {
	in, _ := p.begin(classV2, r) // v2MaxBody is less
	out := p.early(in)
	if out == nil && strings.HasPrefix(r.URL.Path, v2Secure) && r.TLS != nil && len(r.TLS.PeerCertificates) == 0 {
		out = page(http.StatusBadRequest, "<html><head><title>400 No required SSL certificate was sent</title></head></html>")
	}
	if out == nil {
		call := &v2Call{call: in}
		answer, err := p.v2Answer(call)
		if in.fault.Kind == faultSystemErrorAfter && in.merchant != nil {
			err = v2SystemError()
		}
		out = p.v2Reply(call, answer, err)
	}
	p.send(w, in, out)
}

func (p *Platform) v2Answer(in *v2Call) ([]v2Field, error) {
	serve := v2Endpoints()[in.request.URL.Path]
	switch {
	case serve == nil:
		return nil, unheard("INVALID_REQUEST", "请求的接口不存在")
	case in.request.Method != http.MethodPost:
		return nil, unheard("REQUIRE_POST_METHOD", "请使用post方法")
	}
	if err := p.v2Authenticate(in); err != nil {
		return nil, err
	}
	switch in.fault.Kind {
	case faultSystemError:
		return nil, v2SystemError()
	case faultFrequencyLimited:
		return nil, v2ErrorOf(frequencyLimited())
	}
	if err := p.v2Parties(in); err != nil {
		return nil, err
	}
	return serve(p, in)
}

// v2Authenticate parses the body and finds out whose it is.
func (p *Platform) v2Authenticate(in *v2Call) error {
	values, err := parseV2(in.body)
	if err != nil {
		return unheard("XML_FORMAT_ERROR", "XML格式错误")
	}
	in.values, in.appID, in.outTradeNo = values, values["appid"], values["out_trade_no"]
	m := p.world.merchant(values["mch_id"])
	switch kind := values["sign_type"]; {
	case values["mch_id"] == "":
		return unheard("LACK_PARAMS", "缺少参数mch_id")
	case m == nil:
		return unheard("MCHID_NOT_EXIST", "商户号mch_id不存在")
	case kind != "" && kind != apiv2.MD5 && kind != apiv2.HMACSHA256:
		return unheard("SIGNERROR", "签名类型错误")
	case m.APIv2Key == "", subtle.ConstantTimeCompare([]byte(values["sign"]), []byte(apiv2.Sign(values, m.APIv2Key, kind))) == 0:
		return unheard("SIGNERROR", "签名错误")
	case !m.showed(in.request):
		return unheard("NOAUTH", "证书验证失败，请使用该商户号的API证书")
	}
	in.merchant = m
	return nil
}

// showed tells whether the caller has the merchant's certificate, where one is wanted. Over plain HTTP nobody can show one.
func (m *merchant) showed(r *http.Request) bool {
	if r.TLS == nil || !strings.HasPrefix(r.URL.Path, v2Secure) {
		return true
	}
	shown, isRSA := r.TLS.PeerCertificates[0].PublicKey.(*rsa.PublicKey)
	return isRSA && m.public.Equal(shown)
}

// v2Parties checks what every call has: the apps, the sub merchant of a service provider, and a nonce.
func (p *Platform) v2Parties(in *v2Call) error {
	v, m := in.values, in.merchant
	in.subMchID = v["sub_mch_id"]
	for _, name := range []string{"appid", "nonce_str"} {
		if v[name] == "" {
			return v2Lacks(name)
		}
	}
	switch {
	case len(v["nonce_str"]) > 32:
		return v2Bad("nonce_str")
	case p.world.app(v["appid"]) == nil:
		return &v2Error{code: "APPID_NOT_EXIST", text: "APPID不存在"}
	case m.partner() && v["sub_mch_id"] == "":
		return v2Lacks("sub_mch_id")
	case !m.partner() && v["sub_mch_id"]+v["sub_appid"] != "":
		return &v2Error{code: "NOAUTH", text: "商户无此接口权限"}
	case m.partner():
		if refused := checkRelation(m, v["sub_mch_id"]); refused != nil {
			return v2ErrorOf(refused)
		}
	}
	parties := v3Parties{AppID: v["appid"], SubAppID: v["sub_appid"], SubMchID: v["sub_mch_id"]}
	if refused := p.checkApps(channel{tradeType: TradeMicropay}, m, parties); refused != nil {
		return v2ErrorOf(refused)
	}
	return nil
}

// v2Reply encodes and signs, the way the request was signed.
func (p *Platform) v2Reply(in *v2Call, answer []v2Field, err error) *reply {
	out := &reply{status: http.StatusOK, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Server": {"nginx"}}}
	var failed *v2Error
	if err != nil {
		failed = v2ErrorOf(err)
		out.code = failed.code
	}
	if failed != nil && failed.anonymous {
		out.body = encodeV2([]v2Field{{"return_code", "FAIL"}, {"return_msg", failed.text}})
		return out
	}
	fields := []v2Field{{"return_code", "SUCCESS"}, {"return_msg", "OK"}, {"nonce_str", p.ids.text(alnum, 16)}}
	for _, name := range []string{"appid", "mch_id", "sub_appid", "sub_mch_id"} {
		fields = addV2(fields, name, in.values[name])
	}
	if failed == nil {
		fields = append(append(fields, v2Field{"result_code", "SUCCESS"}), answer...)
	} else {
		fields = append(fields, v2Field{"result_code", "FAIL"}, v2Field{"err_code", failed.code}, v2Field{"err_code_des", failed.text})
		if strings.HasSuffix(in.request.URL.Path, "/reverse") {
			fields = append(fields, v2Field{"recall", orNo(failed.recall)})
		}
	}
	out.body = encodeV2(append(fields, v2Field{"sign", in.signature(fields)}))
	return out
}

// signature is spoiled by a fault, in the right form.
func (in *v2Call) signature(fields []v2Field) string {
	values, key := v2Values{}, in.merchant.APIv2Key
	for _, f := range fields {
		values[f.name] = f.value
	}
	if in.fault.Kind == faultBadSignature {
		key += "x"
	}
	return apiv2.Sign(values, key, in.values["sign_type"])
}

// addV2 leaves out what is empty.
func addV2(fields []v2Field, name, value string) []v2Field {
	if value == "" {
		return fields
	}
	return append(fields, v2Field{name, value})
}

func orNo(recall string) string {
	if recall == "" {
		return "N"
	}
	return recall
}

func v2Lacks(name string) *v2Error { return &v2Error{code: "LACK_PARAMS", text: "缺少参数" + name} }
func v2Bad(name string) *v2Error {
	return &v2Error{code: "PARAM_ERROR", text: "参数错误：" + name}
}
