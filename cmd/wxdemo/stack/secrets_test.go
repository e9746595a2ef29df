package stack_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

// Every secret of the configuration, every session token and every session_key is
// looked for in the log (at debug level), in all answers, in the events and in the
// metrics, after a walk through good and bad weather. None may be there.
func TestSecretsStayInside(t *testing.T) {
	b := start(t)
	u := b.newUser()
	tokens := []string{}
	for _, kind := range []string{"", "http_500", "drop", "not_json", "truncate", "system_error", "bad_signature", "unsigned", "lost_answer"} {
		for _, call := range []string{"/sns/jscode2session", "/v3/pay/transactions/jsapi", "/v3/pay/transactions/out-trade-no", "notify"} {
			if kind != "" {
				if _, err := b.Sandbox.AddFault(sandbox.Fault{Match: call, Kind: kind}); err != nil {
					continue
				}
			}
			a := b.do(http.MethodPost, "/v1/login/mini-program", "", map[string]string{"app_id": b.app, "code": b.code(u)})
			if a.Status != 200 {
				continue
			}
			b.answers.Truncate(b.answers.Len() - len(a.Body)) // the one answer that shows the token
			var s struct{ Token string }
			a.into(t, 200, &s)
			tokens = append(tokens, s.Token)
			o := b.order()
			var pre prepaid
			if a := b.do(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", s.Token, map[string]string{"method": "mini_program"}); a.Status == 200 {
				a.into(t, 200, &pre)
				b.pay(pre.Invoke, payer{u, s.Token})
			}
			b.do(http.MethodGet, "/v1/orders/"+o.ID+"?refresh=true", s.Token, nil)
			b.Sandbox.ClearFaults()
		}
	}
	for _, path := range []string{"/metrics", "/openapi.json", "/readyz", "/v1/orders", "/v1/me"} {
		for _, bearer := range []string{"", b.APIKey, tokens[0], b.APIKey + "x"} {
			b.do(http.MethodGet, path, bearer, nil)
		}
	}
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	if b.log.Len() == 0 || b.answers.Len() == 0 || len(tokens) < 5 {
		t.Fatalf("the walk left %d bytes of log, %d of answers, %d sessions", b.log.Len(), b.answers.Len(), len(tokens))
	}
	for name, secret := range b.secrets(tokens) {
		for where, text := range map[string]string{"log": b.log.String(), "answers": b.answers.String()} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is in the %s", name, where)
			}
		}
	}
}

// secrets are the canaries: what must stay inside, by a name that may be printed.
func (b *bench) secrets(tokens []string) map[string]string {
	b.t.Helper()
	out := map[string]string{"the API key": b.APIKey}
	c := b.Sandbox.Credentials()
	for _, a := range c.Apps {
		out["the secret of "+a.ID] = a.Secret
	}
	for _, m := range c.Merchants {
		out["the APIv3 key of "+m.ID] = m.APIv3Key
		out["the private key of "+m.ID] = strings.Split(m.PrivateKeyPEM, "\n")[3]
	}
	for _, t := range tokens {
		out["a session token"] = t
	}
	file, err := os.ReadFile(filepath.Clean(b.Config))
	if err != nil || !strings.Contains(string(file), c.Apps[0].Secret) {
		b.t.Fatalf("the canaries are not those of the configuration (%v)", err)
	}
	return out
}
