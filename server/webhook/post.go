package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"wxhub/model"
)

// errUnreachable: there was no HTTP answer at all.
var errUnreachable = errors.New("the endpoint could not be reached")

var errUnconfigured = errors.New("the endpoint is no longer configured")

// post sends one event. A 2xx is success; whatever else is a failure.
func (s *Sender) post(ctx context.Context, d model.Delivery) error {
	endpoint, ok := s.endpoint(d.Endpoint)
	if !ok {
		return errUnconfigured
	}
	req, err := s.request(ctx, endpoint, d.Event)
	if err != nil {
		return err
	}
	answer, err := s.Client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, withoutURL(err))
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // lets the connection be used again
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the endpoint answered HTTP %d", answer.StatusCode)
	}
	return nil
}

func (s *Sender) endpoint(url string) (Endpoint, bool) {
	for _, e := range s.Endpoints {
		if e.URL == url {
			return e, true
		}
	}
	return Endpoint{}, false
}

// request makes the signed post of one event (standardwebhooks.com).
func (s *Sender) request(ctx context.Context, endpoint Endpoint, e model.Event) (*http.Request, error) {
	body, err := json.Marshal(struct {
		Type      model.EventType `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{e.Type, e.CreatedAt, e.Data})
	if err != nil {
		return nil, err
	}
	signer, err := standardwebhooks.NewWebhook(endpoint.Secret.Reveal())
	if err != nil {
		return nil, errors.New("the endpoint's secret is not usable")
	}
	now := s.Now()
	signature, err := signer.Sign(e.ID, now, body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.URL, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the endpoint's URL is not usable") // the reason quotes a piece of it
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "wxhub-webhook/1")
	req.Header.Set("Webhook-Id", e.ID)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("Webhook-Signature", signature)
	return req, nil
}

// withoutURL strips the URL, which may hold the operator's credentials.
func withoutURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "unreadable"
	}
	return u.Host
}
