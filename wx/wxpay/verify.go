package wxpay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"

	"wxhub/wx"
	"wxhub/wx/transport"
)

const (
	// freshness is how far the timestamp of an answer or a notification may be off our clock
	// (PROTOCOL §1.3). WeChat Pay signs anew at each retry, so an old timestamp is a replay.
	freshness = 300 * time.Second
	// maxSerial is more than any serial has: 40 of a certificate, 45 of a public key.
	maxSerial = 64
	// probePrefix marks WeChat Pay's deliberate wrong signatures (PROTOCOL §1.5).
	probePrefix = "WECHATPAY/SIGNTEST/"
)

var errProbe = errors.New("the signature is a probe of WeChat Pay, wrong on purpose")

// headers are the four headers that a signature of WeChat Pay stands in.
type headers struct{ Timestamp, Nonce, Signature, Serial string }

func headersOf(get func(string) string) headers {
	return headers{
		Timestamp: get("Wechatpay-Timestamp"), Nonce: get("Wechatpay-Nonce"),
		Signature: get("Wechatpay-Signature"), Serial: get("Wechatpay-Serial"),
	}
}

// verify is the one way to believe WeChat Pay, for answers and notifications alike. at
// is when the message arrived. Its errors quote neither the body nor the signature.
func verify(ctx context.Context, by auth.Verifier, h headers, body []byte, at time.Time) error {
	if strings.HasPrefix(h.Signature, probePrefix) {
		return errProbe
	}
	if h.Timestamp == "" || h.Nonce == "" || h.Signature == "" || h.Serial == "" {
		return errors.New("a Wechatpay-* header is missing")
	}
	if len(h.Serial) > maxSerial { // it will stand in an error
		return errors.New("Wechatpay-Serial is too long")
	}
	seconds, err := strconv.ParseInt(h.Timestamp, 10, 64)
	if err != nil {
		return errors.New("Wechatpay-Timestamp is not a number")
	}
	if off := at.Sub(time.Unix(seconds, 0)); off.Abs() >= freshness {
		return fmt.Errorf("Wechatpay-Timestamp is %s off this machine's clock", off.Round(time.Second))
	}
	return by.Verify(ctx, h.Serial, h.Timestamp+"\n"+h.Nonce+"\n"+string(body)+"\n", h.Signature)
}

// verify verifies with this merchant's keys. To a serial that is not known it adds why the
// certificates could not be had, for an operator to see.
func (m *merchant) verify(ctx context.Context, h headers, body []byte, at time.Time) error {
	err := verify(ctx, m.verifier, h, body, at)
	if err == nil || errors.Is(err, errProbe) || h.Serial == m.PublicKeyID {
		return err
	}
	if why := m.certificates.failure(h.Serial); why != nil {
		return fmt.Errorf("%w; the last download of certificates: %s", err, why) // text alone: it is not what went wrong here
	}
	return err
}

// validator is where the SDK asks about an answer. The SDK's own reads the machine's
// clock and hides whether the answer was forged or did not arrive whole.
type validator struct{ m *merchant }

// Validate gives wx.ErrForged for an answer that does not verify, and what wx.Silent
// makes of one that did not arrive.
func (v validator) Validate(ctx context.Context, answer *http.Response) error {
	body, err := bodyOf(answer)
	if err != nil {
		return err
	}
	if err := v.m.verify(ctx, headersOf(answer.Header.Get), body, v.m.now()); err != nil {
		return wx.ErrForged.Because(err)
	}
	return nil
}

// GetAcceptSerial names the key that WeChat Pay shall sign the answer with
// (PROTOCOL §1.4); with an error the SDK names none. It is also the key that the fields of
// the request are encrypted with.
func (v validator) GetAcceptSerial(ctx context.Context) (string, error) {
	if serial, ok := pinned(ctx); ok {
		return serial, nil
	}
	serial, err := v.m.verifier.GetSerial(ctx)
	if err == nil && serial == "" {
		return "", errors.New("no platform certificate is at hand yet")
	}
	return serial, err
}

// bodyOf reads the body of an answer and puts it back for the next reader. The
// transport limits its size.
func bodyOf(answer *http.Response) ([]byte, error) {
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // read to its end or broken; either way there is nothing left to lose
	if err != nil {
		return nil, wx.Silent(transport.Cause(err))
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
