package sandbox_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/wxcrypt"
)

// push is a message as it arrived.
type push struct {
	query  url.Values
	header http.Header
	body   string
}

// pushReceiver is an app's server of message push.
type pushReceiver struct {
	url   string
	app   sandbox.AppCredentials
	check func(http.ResponseWriter, *http.Request) // of the URL; nil: echo when the signature is right

	mu     sync.Mutex
	status int
	answer string
	pushes []push
}

func (s *stage) pushReceiver(app string) *pushReceiver {
	s.t.Helper()
	r := &pushReceiver{status: 200, answer: "success"}
	for _, a := range s.platform.Credentials().Apps {
		if a.ID == app {
			r.app = a
		}
	}
	server := httptest.NewServer(r)
	s.t.Cleanup(server.Close)
	r.url = server.URL + "/push?app=" + app
	return r
}

func (r *pushReceiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	query := request.URL.Query()
	if request.Method == http.MethodGet {
		if r.check != nil {
			r.check(w, request)
		} else if query.Get("signature") == wxcrypt.Signature(r.app.Token, query.Get("timestamp"), query.Get("nonce")) {
			_, _ = io.WriteString(w, query.Get("echostr"))
		}
		return
	}
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	r.pushes = append(r.pushes, push{query, request.Header, string(body)})
	status, answer := r.status, r.answer
	r.mu.Unlock()
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

func (r *pushReceiver) answers(status int, body string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.answer = status, body
}

func (r *pushReceiver) all() []push {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]push{}, r.pushes...)
}

func (r *pushReceiver) wait(t testing.TB, n int) []push {
	t.Helper()
	eventually(t, "messages are pushed", func() bool { return len(r.all()) >= n })
	return r.all()
}

// between is the text of an XML element, CDATA or not.
func between(text, name string) string {
	_, rest, _ := strings.Cut(text, "<"+name+">")
	inner, _, _ := strings.Cut(rest, "</"+name+">")
	return strings.TrimSuffix(strings.TrimPrefix(inner, "<![CDATA["), "]]>")
}

// genuine tells whether the signature that counts in the mode is right.
func (r *pushReceiver) genuine(p push) bool {
	parts := []string{r.app.Token, p.query.Get("timestamp"), p.query.Get("nonce")}
	if p.query.Get("encrypt_type") == "aes" {
		return p.query.Get("msg_signature") == wxcrypt.Signature(append(parts, r.encrypt(p))...)
	}
	return p.query.Get("signature") == wxcrypt.Signature(parts...)
}

func (r *pushReceiver) encrypt(p push) string {
	if strings.HasPrefix(p.body, "{") {
		return response{body: []byte(p.body)}.field("Encrypt")
	}
	return between(p.body, "Encrypt")
}

// open decrypts, and returns the app's id behind the message.
func (r *pushReceiver) open(t testing.TB, p push) (message, app string) {
	t.Helper()
	key, err := wxcrypt.Key(r.app.AESKey)
	if err != nil {
		t.Fatal(err)
	}
	plain, app, err := wxcrypt.OpenMessage(key, r.encrypt(p))
	if err != nil {
		return "", ""
	}
	if !strings.HasPrefix(string(plain), "{") && xml.Unmarshal(plain, new(struct{})) != nil {
		t.Errorf("not XML: %s", plain)
	}
	return string(plain), app
}

func (s *stage) setPush(r *pushReceiver, mode, format string) {
	s.t.Helper()
	if err := s.platform.SetPush(r.app.ID, sandbox.PushSettings{URL: r.url, Mode: mode, Format: format}); err != nil {
		s.t.Fatal(err)
	}
}
