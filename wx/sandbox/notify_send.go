package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
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
		same := n.compose(d, "")
		received := n.send(d, same, faultReplay)
		if received {
			n.send(d, same, faultReplay)
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
	return n.send(d, n.compose(d, fault), logged)
}

// send posts, judges the answer and logs.
func (n *notifier) send(d *delivery, l letter, fault string) bool {
	entry := n.p.journal.begin(n.entry(d, fault))
	status, body, err := n.exchange(l)
	received := false
	if err == nil {
		received, err = d.received(status, body)
	}
	if d.push != nil {
		n.p.chats.answered(d.push, received, body)
	}
	n.p.journal.end(entry, func(e *Entry) {
		e.Status = status
		if err != nil {
			e.Error = err.Error()
		}
	})
	return received
}

// received: of a payment's notification any 2xx is, whatever its body says; a redirect is not.
func (d *delivery) received(status int, body []byte) (bool, error) {
	if d.push != nil {
		return d.push.received(status, body)
	}
	return status >= 200 && status < 300, nil
}

// maxReply bounds what is read of an answer.
const maxReply = 64 << 10

func (n *notifier) exchange(l letter) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(n.p.ctx, notifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(l.body))
	if err != nil {
		return 0, nil, fmt.Errorf("notify: %w", err)
	}
	request.Header = l.header
	response, err := n.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("notify: %w", err)
	}
	defer response.Body.Close()
	// An answer that breaks off is judged like a short one.
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxReply))
	return response.StatusCode, body, nil
}

func (n *notifier) entry(d *delivery, fault string) Entry {
	return Entry{
		Time: n.p.clock.wall(), PlatformTime: n.p.clock.now(), Direction: DirectionNotification, Method: http.MethodPost,
		Path: d.url, Merchant: d.merchantID(), SubMerchant: d.subMchID, App: d.appID, OutTradeNo: d.outTradeNo, OutRefundNo: d.outRefundNo,
		Event: d.event, Attempt: d.attempt, Fault: fault,
	}
}

func (n *notifier) logDropped(d *delivery) {
	n.p.journal.end(n.p.journal.begin(n.entry(d, faultDrop)), func(e *Entry) { e.Error = "not sent" })
}
