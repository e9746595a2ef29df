package peertest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/silenceper/wechat/v2"
	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/officialaccount/config"
	"github.com/silenceper/wechat/v2/util"
)

// redirect points silenceper, which has one base URL for all instances, at another one.
// Its HTTP client is global too, and the wxhub in this process has put its own there; a
// program of its own has the default one.
func redirect(t testing.TB, base string) {
	before := util.DefaultHTTPClient
	util.DefaultHTTPClient = http.DefaultClient
	util.SetURIModifier(func(uri string) string { return strings.Replace(uri, weChat, base, 1) })
	t.Cleanup(func() {
		util.SetURIModifier(nil)
		util.DefaultHTTPClient = before
	})
}

func TestSilenceper(t *testing.T) {
	for name, stable := range map[string]bool{"classic token": false, "stable token": true} {
		t.Run(name, func(t *testing.T) {
			f := newFace(t)
			redirect(t, f.base)
			memory := cache.NewMemory()
			account := wechat.NewWechat().GetOfficialAccount(&config.Config{AppID: f.app, AppSecret: f.APIKey, Cache: memory, UseStableAK: stable})
			tickets := credential.NewDefaultJsTicket(f.app, credential.CacheKeyOfficialAccountPrefix, memory)
			f.use(t, peer{
				token: account.GetAccessToken,
				ticket: func() (string, error) {
					token, err := account.GetAccessToken()
					if err != nil {
						return "", err
					}
					return tickets.GetTicket(token)
				},
				call: account.GetBasic().GetAPIDomainIP,
			})
		})
	}
}
