package wxapi

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/server/edge"
)

// byKey recognises the caller by its API key, in the header or as the secret.
func (h handlers) byKey(c *fiber.Ctx, secret string) (string, error) {
	header := c.Get(fiber.HeaderAuthorization)
	if header == "" && secret != "" {
		header = "Bearer " + secret
	}
	return h.Auth.Backend(c.UserContext(), header, edge.ScopeTokens)
}

// byKeyOrToken also takes an access token that was handed to a key that still exists.
// A key in the body is not looked for: bodies go on to WeChat as they are.
func (h handlers) byKeyOrToken(c *fiber.Ctx) (string, error) {
	token := c.Query("access_token")
	if token == "" || c.Get(fiber.HeaderAuthorization) != "" {
		return h.byKey(c, c.Query("secret"))
	}
	holders, err := h.Keeper.Holders(c.UserContext(), c.Params("app_id"), token)
	if err != nil {
		return "", err
	}
	slices.Sort(holders) // the audit line names the same key every time
	for _, holder := range holders {
		if h.Auth.HasKey(holder, edge.ScopeTokens) {
			return holder, nil
		}
	}
	return "", errToken
}

var errToken = model.NewError(model.KindUnauthenticated, "access_token_unknown", "this access token was not handed out here; get one at cgi-bin/token below the same URL")

// refusal is an error in WeChat's shape.
type refusal struct {
	ErrCode int64  `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
}

// refuse answers an error in WeChat's shape. What wxhub itself refuses has our status;
// what WeChat refused is passed on as WeChat does it, with HTTP 200 and its errcode,
// because SDKs read the errcode of nothing else.
func (h handlers) refuse(c *fiber.Ctx, err error) error {
	p := edge.ProblemOf(c.UserContext(), err)
	if p.Upstream != nil {
		if n, ok := number(p.Upstream.Code); ok {
			return c.JSON(refusal{ErrCode: n, ErrMsg: p.Upstream.Message + " (" + p.Detail + ")"})
		}
	}
	return c.Status(p.Status).JSON(refusal{ErrCode: errCode(p.Code), ErrMsg: p.Code + ": " + p.Detail + " rid: " + p.RequestID})
}

// errCode is the errcode that WeChat would give for our error.
func errCode(code string) int64 {
	switch code {
	case "unauthenticated", "session_invalid":
		return 40125 // invalid appsecret
	case "access_token_unknown":
		return 40001
	case "app_unknown", "invalid_input":
		return 40013
	case "ticket_type_unknown":
		return 40097
	case "path_not_allowed", "scope_missing", "api_key_required", "session_required":
		return 48001
	case "too_many_requests", "token_force_quota":
		return 45009
	}
	return -1
}

func number(s string) (n int64, ok bool) {
	for _, r := range s {
		if r < '0' || r > '9' || n > 1<<40 {
			return 0, false
		}
		n = n*10 + int64(r-'0')
	}
	return n, s != ""
}

// describe puts the raw routes into the OpenAPI document.
func describe(api huma.API) {
	app := &huma.Param{Name: "app_id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}
	add := func(id, method, path, summary string, params ...*huma.Param) {
		api.OpenAPI().AddOperation(&huma.Operation{
			OperationID: id, Method: method, Path: base + "{app_id}" + path, Summary: summary, Tags: []string{"tokens"},
			Description: "WeChat's own call and answer. Give the API key as the appsecret, or as Authorization: Bearer.",
			Parameters:  append([]*huma.Param{app}, params...),
			Responses:   map[string]*huma.Response{"default": {Description: "WeChat's own shape"}},
		})
	}
	path := &huma.Param{Name: "path", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}, Description: "any allowed path of api.weixin.qq.com"}
	add("wxapiToken", fiber.MethodGet, "/cgi-bin/token", "Drop-in: access token")
	add("wxapiStableToken", fiber.MethodPost, "/cgi-bin/stable_token", "Drop-in: access token")
	add("wxapiTicket", fiber.MethodGet, "/cgi-bin/ticket/getticket", "Drop-in: ticket")
	add("wxapiTicketPost", fiber.MethodPost, "/cgi-bin/ticket/getticket", "Drop-in: ticket, for SDKs that ask so")
	add("wxapiGet", fiber.MethodGet, "/{path}", "Drop-in: any other call, forwarded", path)
	add("wxapiPost", fiber.MethodPost, "/{path}", "Drop-in: any other call, forwarded", path)
}
