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
	"golang.org/x/sync/errgroup"

	"wxhub/model"
)

const (
	// postTime bounds one post to an endpoint.
	postTime = 10 * time.Second
	// lease is how long a worker has for one delivery before another may take it.
	lease = 30 * time.Second
	// giveUpAfter is how long an event is tried for.
	giveUpAfter = 24 * time.Hour
	// parallel is how many deliveries one worker makes at once, so that a slow
	// endpoint does not hold up the others.
	parallel = 8
)

// firstRetries is the pause after each of the first failures; later ones use the last.
var firstRetries = []time.Duration{
	5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

func (s *Sender) deliver(ctx context.Context) (int, error) {
	due, err := s.Deliveries.DueDeliveries(ctx, s.Now(), batch)
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, d := range due {
		group.Go(func() error { return s.attempt(ctx, d) })
	}
	return len(due), group.Wait()
}

// attempt takes the lease of one delivery, posts it and records the outcome.
func (s *Sender) attempt(ctx context.Context, d model.Delivery) error {
	d.DueAt = model.Instant(s.Now().Add(lease))
	err := s.Deliveries.ReplaceDelivery(ctx, d)
	if errors.Is(err, model.ErrStale) {
		return nil // another worker has it
	}
	if err != nil {
		return err
	}
	d.Version++
	d = s.outcome(ctx, d, s.post(ctx, d))
	err = s.Deliveries.ReplaceDelivery(context.WithoutCancel(ctx), d)
	if errors.Is(err, model.ErrStale) {
		return nil // our lease ran out and another worker went on
	}
	return err
}

// outcome decides what becomes of a delivery after one attempt.
func (s *Sender) outcome(ctx context.Context, d model.Delivery, failure error) model.Delivery {
	d.Attempts++
	log := s.Log.With("event_id", d.Event.ID, "event", string(d.Event.Type), "endpoint", hostOf(d.Endpoint), "attempts", d.Attempts)
	if failure == nil {
		d.Status, d.LastError = model.DeliveryDelivered, ""
		log.InfoContext(ctx, "webhook delivered")
		return d
	}
	d.LastError = failure.Error()
	d.DueAt = model.Instant(s.Now().Add(firstRetries[min(d.Attempts, len(firstRetries))-1]))
	if errors.Is(failure, errUnconfigured) || d.DueAt.Sub(d.CreatedAt) > giveUpAfter {
		d.Status = model.DeliveryDead
		log.ErrorContext(ctx, "webhook given up", "error", d.LastError)
		return d
	}
	log.WarnContext(ctx, "webhook failed; it will be sent again", "error", d.LastError, "next", d.DueAt)
	return d
}

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
		return withoutURL(err)
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
