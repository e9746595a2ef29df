package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"wxhub/model"
)

// batch is how many aggregates or deliveries one run looks at.
const batch = 100

// Endpoint is where a business backend listens.
type Endpoint struct {
	URL    string
	Secret model.Secret // whsec_…
	Events []model.EventType
}

// Options are what a Sender is made of.
type Options struct {
	Endpoints  []Endpoint
	Outboxes   []Outbox
	Deliveries Deliveries
	Client     *http.Client // nil: one with a timeout that follows no redirect
	// Followers see each event before it leaves its outbox, perhaps more than once. An error
	// keeps the event there, to be shown again.
	Followers []Follower
	Now       func() time.Time
	Log       *slog.Logger
}

// Follower does inside of wxhub what an event asks for.
type Follower func(ctx context.Context, e model.Event) error

// Sender relays events from the outboxes to the endpoints. Several processes may
// run one each on the same store.
type Sender struct{ Options }

// New makes a sender.
func New(o Options) *Sender {
	if o.Client == nil {
		o.Client = &http.Client{
			Timeout:       postTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &Sender{o}
}

// Run relays what is in the outboxes, then delivers what is due. It returns how
// much it handled; zero means that there was nothing to do.
func (s *Sender) Run(ctx context.Context) (int, error) {
	handled := 0
	for _, outbox := range s.Outboxes {
		n, err := s.relay(ctx, outbox)
		handled += n
		if err != nil {
			return handled, err
		}
	}
	n, err := s.deliver(ctx)
	return handled + n, err
}

// kept is how long a delivery that has ended is kept, for operators to look at.
const kept = 30 * 24 * time.Hour

// Purge forgets deliveries that ended long ago: what they told may be personal data.
func (s *Sender) Purge(ctx context.Context) (int, error) {
	return s.Deliveries.PurgeDeliveries(ctx, s.Now().Add(-kept), batch)
}

func (s *Sender) relay(ctx context.Context, outbox Outbox) (int, error) {
	events, err := outbox.PendingEvents(ctx, batch)
	if err != nil {
		return 0, err
	}
	for i, e := range events {
		if err := s.handOver(ctx, e); err != nil {
			return i, err
		}
		if err := outbox.AcknowledgeEvent(ctx, e); err != nil {
			return i, err
		}
	}
	return len(events), nil
}

func (s *Sender) handOver(ctx context.Context, e model.Event) error {
	for _, follow := range s.Followers {
		if err := follow(ctx, e); err != nil {
			return err
		}
	}
	for _, endpoint := range s.Endpoints {
		if !slices.Contains(endpoint.Events, e.Type) {
			continue
		}
		now := model.Instant(s.Now())
		err := s.Deliveries.AddDelivery(ctx, model.Delivery{
			ID: deliveryID(e, endpoint.URL), Endpoint: endpoint.URL, Event: e,
			Status: model.DeliveryPending, DueAt: now, CreatedAt: now,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func deliveryID(e model.Event, url string) string {
	sum := sha256.Sum256([]byte(url))
	return e.ID + "." + hex.EncodeToString(sum[:8])
}
