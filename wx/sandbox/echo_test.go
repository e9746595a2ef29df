package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

func TestEchoAnswersAndNotifies(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 204)
	answer := s.v3("POST", "/v3/security/echo", `{"echo_message":"你好","notify_url":"`+r.url+`"}`)
	if answer.status != 200 || answer.field("echo_message") != "你好" || !s.verified(answer.header, answer.body) {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	a := r.wait(t, 1)[0]
	var n notified
	if err := json.Unmarshal(a.body, &n); err != nil || n.EventType != "SECURITY_ECHO.SUCCESS" || n.Resource.OriginalType != "security" || !s.verified(a.header, a.body) {
		t.Fatalf("%v %s", err, a.body)
	}
	plain, err := apiv3.Open(s.merchant.APIv3Key, n.Resource.Nonce, n.Resource.AssociatedData, n.Resource.Ciphertext)
	if err != nil || !strings.Contains(string(plain), "你好") {
		t.Errorf("%s %v", plain, err)
	}
}

func TestEchoRefusesBadInput(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, body := range []string{`{}`, `{"echo_message":1}`, `{"echo_message":"a","x":1}`, `{"echo_message":"a","notify_url":"ftp://a"}`} {
		if answer := s.v3("POST", "/v3/security/echo", body); answer.status != 400 {
			t.Errorf("%s: %d %s", body, answer.status, answer.body)
		}
	}
}
