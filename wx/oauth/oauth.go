package oauth

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/silenceper/wechat/v2/officialaccount/config"
	sdkcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	sdkoauth "github.com/silenceper/wechat/v2/officialaccount/oauth"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
	"wxhub/wx/silenceper"
	"wxhub/wx/transport"
)

// codeShape and tokenShape are what may be put into a URL as it is.
var (
	codeShape  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	tokenShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,512}$`)
)

// idShape keeps an absurd openid or unionid out of our keys: visible ASCII only.
var idShape = regexp.MustCompile(`^[!-~]{1,128}$`)

// codes are the errcodes of sns/oauth2/access_token.
var codes = api.Codes{
	40029: wx.ErrCodeInvalid, // unknown, or of another app
	42003: wx.ErrCodeInvalid, // expired
	40163: wx.ErrCodeUsed,
	40226: wx.ErrUserBlocked,
}

// Client redeems the codes of every configured site.
type Client struct {
	http  *http.Client
	sites map[string]site
}

type site struct {
	kind   model.AppKind
	secret model.Secret
	sdk    *sdkoauth.Oauth
}

// New makes a client. client comes from transport.NewClient.
func New(client *http.Client, sites []wx.LoginSite) *Client {
	silenceper.Bind()
	c := &Client{http: client, sites: make(map[string]site, len(sites))}
	for _, s := range sites {
		cfg := &config.Config{AppID: s.AppID, AppSecret: s.Secret.Reveal()}
		c.sites[s.AppID] = site{s.Kind, s.Secret, sdkoauth.NewOauth(&sdkcontext.Context{Config: cfg})}
	}
	return c
}

// Redeem finds out who the code of an authorization stands for (single use, 5 minutes;
// 10 for a website). A UnionID is looked for when the scope allows; failing to get one
// fails nothing, because it can come later and the code cannot.
//
// Errors: invalid_input (app unknown or code of a wrong shape), wx.ErrCodeInvalid,
// wx.ErrCodeUsed, wx.ErrUserBlocked, wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy,
// wx.ErrTimeout.
func (c *Client) Redeem(ctx context.Context, appID, code string) (wx.Grant, error) {
	s, ok := c.sites[appID]
	if !ok {
		return wx.Grant{}, model.InvalidField("app_id", "is not an official account, website or mobile app configured here")
	}
	if !codeShape.MatchString(code) {
		return wx.Grant{}, model.InvalidField("code", "must be the code of WeChat's authorization: 1–128 letters, digits, '-' or '_'")
	}
	ctx = silenceper.WithClient(ctx, c.http)
	a, err := s.sdk.GetUserAccessTokenContext(ctx, code)
	if a.ErrCode != 0 {
		return wx.Grant{}, api.Refusal(a.ErrCode, a.ErrMsg, codes, s.secret, model.Secret(code))
	}
	if err != nil {
		return wx.Grant{}, wx.Silent(transport.Cause(err))
	}
	if !idShape.MatchString(a.OpenID) || (a.UnionID != "" && !idShape.MatchString(a.UnionID)) {
		return wx.Grant{}, wx.ErrBusy.Because(errors.New("sns/oauth2/access_token answered without a usable openid"))
	}
	if a.IsSnapShotUser != 0 { // not a person, and not allowed to ask more
		return wx.Grant{OpenID: a.OpenID, Snapshot: true}, nil
	}
	g := wx.Grant{OpenID: a.OpenID, UnionID: a.UnionID}
	if g.UnionID == "" && s.mayTell(a.Scope) {
		g.UnionID = s.unionID(ctx, a.AccessToken, a.OpenID)
	}
	return g, nil
}

// mayTell reports whether sns/userinfo may be asked under these scopes.
func (s site) mayTell(scopes string) bool {
	needed := ScopeUserInfo
	if s.kind == model.Website {
		needed = ScopeLogin
	}
	for _, scope := range strings.FieldsFunc(scopes, func(r rune) bool { return r == ',' || r == ' ' }) {
		if scope == needed {
			return true
		}
	}
	return false
}

// unionID asks sns/userinfo, "" when it does not tell.
func (s site) unionID(ctx context.Context, token, openID string) string {
	if !tokenShape.MatchString(token) {
		return ""
	}
	a, err := s.sdk.GetUserInfoContext(ctx, token, escape(openID), "zh_CN")
	if err != nil || a.OpenID != openID || !idShape.MatchString(a.Unionid) {
		return ""
	}
	return a.Unionid
}
