package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
)

// deliver carries out one attempt with its fault and tells whether the notification was received.
func (n *notifier) deliver(d *delivery, fault string) bool {
	switch fault {
	case faultDrop:
		n.logDropped(d)
		return false
	case faultSigntest:
		// A probe is not a delivery: whatever is answered, the right copy follows.
		n.post(d, fault, fault)
		return n.post(d, "", "")
	case faultDuplicate:
		return n.twice(d)
	case faultReplay:
		header, body := n.compose(d, "")
		received := n.send(d, header, body, faultReplay)
		if received {
			n.send(d, header, body, faultReplay)
		}
		return received
	}
	return n.post(d, fault, fault)
}

// twice sends two copies at the same time, as from two servers; one that is received is enough.
func (n *notifier) twice(d *delivery) bool {
	var received atomic.Bool
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if n.post(d, "", faultDuplicate) {
				received.Store(true)
			}
		})
	}
	group.Wait()
	return received.Load()
}

// post composes, spoiled as fault says, and sends.
func (n *notifier) post(d *delivery, fault, logged string) bool {
	header, body := n.compose(d, fault)
	return n.send(d, header, body, logged)
}

// send posts and logs. Any 2xx is received, whatever its body says; a redirect is not.
func (n *notifier) send(d *delivery, header http.Header, body []byte, fault string) bool {
	entry := n.p.journal.begin(n.entry(d, fault))
	status, err := n.exchange(d.url, header, body)
	n.p.journal.end(entry, func(e *Entry) {
		e.Status = status
		if err != nil {
			e.Error = err.Error()
		}
	})
	return status >= 200 && status < 300
}

func (n *notifier) exchange(url string, header http.Header, body []byte) (int, error) {
	ctx, cancel := context.WithTimeout(n.p.ctx, notifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("notify: %w", err)
	}
	request.Header = header
	response, err := n.client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("notify: %w", err)
	}
	// The body is not read: the status alone counts.
	return response.StatusCode, response.Body.Close()
}

func (n *notifier) entry(d *delivery, fault string) Entry {
	return Entry{
		Time: n.p.clock.wall(), PlatformTime: n.p.clock.now(), Direction: DirectionNotification, Method: http.MethodPost,
		Path: d.url, Merchant: d.to.ID, App: d.appID, OutTradeNo: d.outTradeNo,
		Event: d.event, Attempt: d.attempt, Fault: fault,
	}
}

func (n *notifier) logDropped(d *delivery) {
	n.p.journal.end(n.p.journal.begin(n.entry(d, faultDrop)), func(e *Entry) { e.Error = "not sent" })
}
