package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// wxCall is a call to api.weixin.qq.com.
type wxCall struct {
	*call
	query url.Values
}

// anyMethod is for calls that SDKs in use make by GET and by POST.
const anyMethod = ""

// wxEndpoint answers one path. The answer is encoded as JSON.
type wxEndpoint struct {
	method string
	serve  func(*Platform, *wxCall) (any, *wxError)
}

// wxEndpoints are the paths of api.weixin.qq.com that are simulated.
func wxEndpoints() map[string]wxEndpoint {
	return map[string]wxEndpoint{
		"/sns/jscode2session":              {http.MethodGet, (*Platform).jscode2session},
		"/sns/oauth2/access_token":         {http.MethodGet, (*Platform).oauthExchange},
		"/sns/oauth2/refresh_token":        {http.MethodGet, (*Platform).oauthRefresh},
		"/sns/userinfo":                    {http.MethodGet, (*Platform).snsUserInfo},
		"/sns/auth":                        {http.MethodGet, (*Platform).snsAuth},
		"/cgi-bin/token":                   {http.MethodGet, (*Platform).plainToken},
		"/cgi-bin/stable_token":            {http.MethodPost, (*Platform).stableToken},
		"/cgi-bin/ticket/getticket":        {anyMethod, (*Platform).getTicket},
		"/cgi-bin/get_api_domain_ip":       {http.MethodGet, (*Platform).apiDomainIP},
		"/wxa/business/getuserphonenumber": {http.MethodPost, (*Platform).getUserPhoneNumber},
		"/wxa/getpaidunionid":              {http.MethodGet, (*Platform).getPaidUnionID},
		"/cgi-bin/user/info":               {http.MethodGet, (*Platform).followerInfo},
		"/cgi-bin/user/info/batchget":      {http.MethodPost, (*Platform).followerInfos},
		"/cgi-bin/user/get":                {http.MethodGet, (*Platform).followerList},
		"/cgi-bin/menu/create":             {http.MethodPost, (*Platform).menuCreate},
		"/cgi-bin/menu/get":                {http.MethodGet, (*Platform).menuGet},
		"/cgi-bin/menu/delete":             {http.MethodGet, (*Platform).menuDelete},
		"/cgi-bin/menu/addconditional":     {http.MethodPost, (*Platform).menuAddConditional},
		"/cgi-bin/menu/delconditional":     {http.MethodPost, (*Platform).menuDeleteConditional},
		"/cgi-bin/changeopenid":            {http.MethodPost, (*Platform).changeOpenID},
		"/wxa/checksession":                {http.MethodGet, (*Platform).checkSession},
		"/wxa/resetusersessionkey":         {http.MethodGet, (*Platform).resetSessionKey},

		"/wxa/sec/order/upload_shipping_info": {http.MethodPost, (*Platform).uploadShipping},
		"/wxa/sec/order/get_order":            {http.MethodPost, (*Platform).getShippedOrder},
	}
}

// serveWX answers everything outside /v3/. HTTP is always 200; errors are in errcode.
func (p *Platform) serveWX(w http.ResponseWriter, r *http.Request) {
	in, _ := p.begin(classWX, r)
	out := p.early(in)
	if out == nil {
		out = p.wxReply(&wxCall{call: in, query: r.URL.Query()})
	}
	p.send(w, in, out)
}

func (p *Platform) wxReply(in *wxCall) *reply {
	answer, failed := p.wxAnswer(in)
	if in.fault.Kind == faultSystemErrorAfter {
		failed = wxSystemError()
	}
	out := &reply{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json; encoding=utf-8"}}}
	if strings.HasPrefix(in.request.URL.Path, "/sns/") {
		out.header.Set("Content-Type", "text/plain")
	}
	if failed == nil {
		out.body = encode(answer)
		return out
	}
	failed.ErrMsg += p.trailer(in.request.URL.Path)
	out.body, out.code = encode(failed), strconv.Itoa(failed.ErrCode)
	return out
}

// trailer is what the platform adds to an errmsg to find the call again.
func (p *Platform) trailer(path string) string {
	if strings.HasPrefix(path, "/sns/") {
		return ", hints: [ req_id: " + p.ids.text(alnum, 14) + " ]"
	}
	return " rid: " + p.ids.rid()
}

func (p *Platform) wxAnswer(in *wxCall) (any, *wxError) {
	switch in.fault.Kind {
	case faultSystemError:
		return nil, wxSystemError()
	case faultFrequencyLimited:
		return nil, &wxError{codeQuota, "reach max api daily quota limit"}
	}
	endpoint, found := wxEndpoints()[in.request.URL.Path]
	switch {
	case !found:
		return nil, &wxError{codeInvalidURL, "invalid url"}
	case endpoint.method == in.request.Method, endpoint.method == anyMethod:
		return endpoint.serve(p, in)
	case endpoint.method == http.MethodPost:
		return nil, &wxError{codeRequirePost, "require POST method"}
	}
	return nil, &wxError{codeRequireGet, "require GET method"}
}
