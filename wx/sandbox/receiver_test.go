package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

// arrival is one notification as it arrived.
type arrival struct {
	header http.Header
	body   []byte
}

// receiver is a merchant's notify_url.
type receiver struct {
	url string

	mu       sync.Mutex
	status   int // what it answers
	arrivals []arrival
}

func newReceiver(t testing.TB, status int) *receiver {
	t.Helper()
	r := &receiver{status: status}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mu.Lock()
		r.arrivals = append(r.arrivals, arrival{request.Header, body})
		answer := r.status
		r.mu.Unlock()
		w.Header().Set("Location", "/elsewhere") // counts only for redirects
		w.WriteHeader(answer)
		_, _ = w.Write([]byte(`{"code":"FAIL","message":"失败"}`))
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/notify"
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) all() []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival{}, r.arrivals...)
}

func (r *receiver) wait(t testing.TB, n int) []arrival {
	t.Helper()
	eventually(t, "notifications arrive", func() bool { return len(r.all()) >= n })
	return r.all()
}

// attempts are the finished notification attempts in the log.
func (s *stage) attempts() []sandbox.Entry {
	var out []sandbox.Entry
	for _, e := range s.platform.Log(0) {
		if e.Direction == sandbox.DirectionNotification && e.Done {
			out = append(out, e)
		}
	}
	return out
}

func (s *stage) waitAttempts(n int) []sandbox.Entry {
	s.t.Helper()
	eventually(s.t, "notification attempts end", func() bool { return len(s.attempts()) >= n })
	return s.attempts()
}

// notified is the decrypted notification.
type notified struct {
	ID        string `json:"id"`
	EventType string `json:"event_type"`
	Resource  struct {
		Algorithm, Ciphertext, Nonce string
		OriginalType                 string `json:"original_type"`
		AssociatedData               string `json:"associated_data"`
	} `json:"resource"`
	plain struct {
		MchID         string `json:"mchid"`
		AppID         string `json:"appid"`
		OutTradeNo    string `json:"out_trade_no"`
		TransactionID string `json:"transaction_id"`
		TradeState    string `json:"trade_state"`
		SuccessTime   string `json:"success_time"`
		OutRefundNo   string `json:"out_refund_no"`
		SpMchID       string `json:"sp_mchid"`
		SpAppID       string `json:"sp_appid"`
		SubMchID      string `json:"sub_mchid"`
		Amount        struct{ Total, Refund int64 }
		Payer         struct {
			OpenID    string
			SpOpenID  string `json:"sp_openid"`
			SubOpenID string `json:"sub_openid"`
		}
	}
	text []byte // the plain resource
}

func (s *stage) open(a arrival) (n notified, err error) {
	if err := json.Unmarshal(a.body, &n); err != nil {
		return n, err
	}
	plain, err := apiv3.Open(s.merchant.APIv3Key, n.Resource.Nonce, n.Resource.AssociatedData, n.Resource.Ciphertext)
	if err != nil {
		return n, err
	}
	n.text = plain
	return n, json.Unmarshal(plain, &n.plain)
}

func (s *stage) mustOpen(a arrival) notified {
	s.t.Helper()
	n, err := s.open(a)
	if err != nil {
		s.t.Fatalf("%v in %s", err, a.body)
	}
	return n
}

func bodyOf(text []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(text)) }
