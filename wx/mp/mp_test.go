package mp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
	"wxhub/wx/transport"
)

type tokens struct{}

func (tokens) Token(context.Context, string, model.TokenKind) (model.Token, error) {
	return model.Token{Value: "T"}, nil
}

func (tokens) Replace(context.Context, string, model.TokenKind, model.Secret) (model.Token, error) {
	return model.Token{Value: "T2"}, nil
}

type platform struct {
	*Client
	asked []string // method, URL and body of each call
}

func newPlatform(t *testing.T, answer string) *platform {
	t.Helper()
	p := &platform{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.asked = append(p.asked, strings.TrimSpace(r.Method+" "+r.URL.String()+" "+string(body)))
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	p.Client = New(api.Client{HTTP: client, Tokens: tokens{}})
	return p
}

// row is one answer of WeChat and what becomes of it.
type row[T any] struct {
	answer string
	want   T
	err    error
}

func try[T any](t *testing.T, rows map[string]row[T], asked string, call func(*Client) (T, error)) {
	t.Helper()
	for name, c := range rows {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, c.answer)
			got, err := call(p.Client)
			if !errors.Is(err, c.err) || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
			if len(p.asked) != 1 || p.asked[0] != asked {
				t.Errorf("asked %q", p.asked)
			}
		})
	}
}

func TestFollower(t *testing.T) {
	try(t, map[string]row[wx.Follower]{
		"follows":                {`{"subscribe":1,"openid":"o1","unionid":"u1","tagid_list":[2]}`, wx.Follower{OpenID: "o1", Subscribed: true, UnionID: "u1"}, nil},
		"follows, unbound":       {`{"subscribe":1,"openid":"o1"}`, wx.Follower{OpenID: "o1", Subscribed: true}, nil},
		"does not":               {`{"subscribe":0,"openid":"o1"}`, wx.Follower{OpenID: "o1"}, nil},
		"does not, yet is known": {`{"subscribe":0,"openid":"o1","unionid":"u1"}`, wx.Follower{OpenID: "o1"}, nil},
		"unknown":                {`{"errcode":40003,"errmsg":"invalid openid"}`, wx.Follower{}, wx.ErrOpenIDUnknown},
		"somebody else":          {`{"subscribe":1,"openid":"o2","unionid":"u1"}`, wx.Follower{}, wx.ErrBusy},
		"a strange union id":     {`{"subscribe":1,"openid":"o1","unionid":"u 1"}`, wx.Follower{}, wx.ErrBusy},
		"empty":                  {`{}`, wx.Follower{}, wx.ErrBusy},
		"refused":                {`{"errcode":48001}`, wx.Follower{}, wx.ErrRejected},
		"too often":              {`{"errcode":45009}`, wx.Follower{}, wx.ErrRateLimited},
	}, "GET /cgi-bin/user/info?access_token=T&lang=zh_CN&openid=o1", func(c *Client) (wx.Follower, error) {
		return c.Follower(t.Context(), "wxmp", "o1")
	})
}

func TestFollowersOf(t *testing.T) {
	try(t, map[string]row[[]wx.Follower]{
		"two": {`{"user_info_list":[{"subscribe":1,"openid":"o2","unionid":"u2"},{"subscribe":0,"openid":"o1"}]}`,
			[]wx.Follower{{OpenID: "o2", Subscribed: true, UnionID: "u2"}, {OpenID: "o1"}}, nil},
		"one is missing":     {`{"user_info_list":[{"subscribe":0,"openid":"o1"}]}`, []wx.Follower{{OpenID: "o1"}}, nil},
		"nobody":             {`{}`, nil, nil},
		"somebody else":      {`{"user_info_list":[{"subscribe":1,"openid":"o3"}]}`, nil, wx.ErrBusy},
		"one twice":          {`{"user_info_list":[{"subscribe":1,"openid":"o1"},{"subscribe":0,"openid":"o1"}]}`, nil, wx.ErrBusy},
		"a strange union id": {`{"user_info_list":[{"subscribe":1,"openid":"o1","unionid":"\n"}]}`, nil, wx.ErrBusy},
		"one is unknown":     {`{"errcode":40003}`, nil, wx.ErrOpenIDUnknown},
	}, `POST /cgi-bin/user/info/batchget?access_token=T {"user_list":[{"openid":"o1","lang":"zh_CN"},{"openid":"o2","lang":"zh_CN"}]}`, func(c *Client) ([]wx.Follower, error) {
		return c.FollowersOf(t.Context(), "wxmp", []string{"o1", "o2"})
	})
}

func TestListFollowers(t *testing.T) {
	try(t, map[string]row[wx.Followers]{
		"a page":            {`{"total":5,"count":2,"data":{"openid":["o1","o2"]},"next_openid":"o2"}`, wx.Followers{Total: 5, OpenIDs: []string{"o1", "o2"}, Next: "o2"}, nil},
		"after the last":    {`{"total":5,"count":0,"next_openid":""}`, wx.Followers{Total: 5}, nil},
		"never ending":      {`{"total":5,"count":0,"next_openid":"o2"}`, wx.Followers{Total: 5}, nil},
		"going in circles":  {`{"total":5,"count":1,"data":{"openid":["o1"]},"next_openid":"o0"}`, wx.Followers{Total: 5, OpenIDs: []string{"o1"}}, nil},
		"a strange openid":  {`{"data":{"openid":[""]}}`, wx.Followers{}, wx.ErrBusy},
		"a strange next":    {`{"data":{"openid":["o1"]},"next_openid":"a b"}`, wx.Followers{}, wx.ErrBusy},
		"no such follower":  {`{"errcode":40003}`, wx.Followers{}, wx.ErrOpenIDUnknown},
		"not of this shape": {`{"total":"5"}`, wx.Followers{}, wx.ErrBusy},
	}, "GET /cgi-bin/user/get?access_token=T&next_openid=o0", func(c *Client) (wx.Followers, error) {
		return c.ListFollowers(t.Context(), "wxmp", "o0")
	})
	p := newPlatform(t, `{}`)
	if _, err := p.ListFollowers(t.Context(), "wxmp", ""); err != nil || p.asked[0] != "GET /cgi-bin/user/get?access_token=T" {
		t.Errorf("asked %q, %v", p.asked, err)
	}
}

func TestMoved(t *testing.T) {
	try(t, map[string]row[[]wx.Moved]{
		"one moved": {`{"errcode":0,"errmsg":"ok","result_list":[{"ori_openid":"o1","new_openid":"n1","err_msg":"ok"},{"ori_openid":"o2","err_msg":"ori_openid error"}]}`,
			[]wx.Moved{{OldOpenID: "o1", NewOpenID: "n1"}, {OldOpenID: "o2"}}, nil},
		"failed, yet with an openid": {`{"result_list":[{"ori_openid":"o1","new_openid":"n1","err_msg":"ori_openid error"}]}`, []wx.Moved{{OldOpenID: "o1"}}, nil},
		"somebody else":              {`{"result_list":[{"ori_openid":"o3","new_openid":"n1","err_msg":"ok"}]}`, nil, wx.ErrBusy},
		"a strange openid":           {`{"result_list":[{"ori_openid":"o1","new_openid":"n 1","err_msg":"ok"}]}`, nil, wx.ErrBusy},
		"no migration":               {`{"errcode":63178,"errmsg":"to_appid invalid"}`, nil, wx.ErrRejected},
	}, `POST /cgi-bin/changeopenid?access_token=T {"from_appid":"wxold","openid_list":["o1","o2"]}`, func(c *Client) ([]wx.Moved, error) {
		return c.Moved(t.Context(), "wxmp", "wxold", []string{"o1", "o2"})
	})
}

func TestBadQuestionsStayHere(t *testing.T) {
	p := newPlatform(t, `{}`)
	many := make([]string, MaxOpenIDs+1)
	for i := range many {
		many[i] = fmt.Sprint("o", i)
	}
	_, one := p.Follower(t.Context(), "wxmp", "a b")
	_, next := p.ListFollowers(t.Context(), "wxmp", "a b")
	_, from := p.Moved(t.Context(), "wxmp", "", []string{"o1"})
	all := []error{one, next, from}
	for _, ids := range [][]string{nil, many, {"o1", "o1"}, {""}} {
		_, batch := p.FollowersOf(t.Context(), "wxmp", ids)
		_, moved := p.Moved(t.Context(), "wxmp", "wxold", ids)
		all = append(all, batch, moved)
	}
	for i, err := range all {
		if model.CodeOf(err) != "invalid_input" {
			t.Errorf("%d: got %v", i, err)
		}
	}
	if len(p.asked) != 0 {
		t.Errorf("asked %q", p.asked)
	}
	if _, err := p.FollowersOf(t.Context(), "wxmp", many[:MaxOpenIDs]); err != nil {
		t.Error(err)
	}
}
