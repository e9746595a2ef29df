package sandbox

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	notifyTimeout  = 5 * time.Second // by the wall clock
	notifyParallel = 64              // attempts at the same time
)

// retrySchedule is how long after an attempt the next one follows, on the platform's clock. After the last
// the platform gives up.
func retrySchedule() []time.Duration {
	return []time.Duration{
		15 * time.Second, 15 * time.Second, 30 * time.Second, 3 * time.Minute, 10 * time.Minute, 20 * time.Minute,
		30 * time.Minute, 30 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 3 * time.Hour, 3 * time.Hour,
		6 * time.Hour, 6 * time.Hour,
	}
}

// delivery is one notification until it is received or given up. Only the goroutine of its attempt touches it
// while it is not queued.
type delivery struct {
	id      string // the same for every attempt
	event   string
	summary string
	kind    string    // original_type of the resource
	created time.Time // platform clock
	url     string
	to      *merchant
	// content is the plain resource, falsified as a fault says.
	content     func(fault string) any
	appID       string // for the log, like the next
	outTradeNo  string
	outRefundNo string
	subMchID    string
	// ready, when set, is asked before the first attempt: it fills in what is known only then, or drops the delivery.
	ready func() bool
	push  *pushed // of a pushed message: instead of to, kind, summary and content

	attempt int
	due     time.Time // platform clock
	delayed bool      // a delay fault has put this attempt off already
	epoch   int       // of the notifier when it was made
}

// notifier sends what is due. One goroutine watches the queue; each attempt runs in its own.
type notifier struct {
	p      *Platform
	client *http.Client
	slots  chan struct{}
	signal chan struct{} // the queue or the clock changed
	group  sync.WaitGroup

	mu    sync.Mutex
	queue []*delivery
	epoch int // how often the platform was reset; deliveries of earlier epochs are forgotten
}

func newNotifier(p *Platform, given *http.Client) *notifier {
	client := &http.Client{Timeout: notifyTimeout}
	if given != nil {
		copied := *given
		client = &copied
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &notifier{p: p, client: client, slots: make(chan struct{}, notifyParallel), signal: make(chan struct{}, 1)}
}

// paid announces a successful payment.
func (n *notifier) paid(o Order) {
	content := func(fault string) any { return n.p.falsified(o, fault) }
	if o.subs != nil {
		content = func(fault string) any { return n.p.falsifiedCombined(o, fault) }
	}
	n.announce(&delivery{
		event: "TRANSACTION.SUCCESS", summary: "支付成功", kind: "transaction", url: o.NotifyURL, to: n.p.world.merchant(o.MchID),
		content: content, appID: o.AppID, outTradeNo: o.OutTradeNo, subMchID: o.SubMchID,
	})
}

// announce queues a first attempt for now, unless the merchant has no key to encrypt it with.
func (n *notifier) announce(d *delivery) {
	if d.push == nil && d.to.APIv3Key == "" {
		return
	}
	n.announceAt(d, n.p.clock.now())
}

// announceAt queues a first attempt for a time of the platform's clock.
func (n *notifier) announceAt(d *delivery, due time.Time) {
	d.id, d.created, d.due = n.p.ids.notificationID(), due, due
	n.mu.Lock()
	d.epoch = n.epoch
	n.mu.Unlock()
	n.enqueue(d)
}

func (n *notifier) enqueue(d *delivery) {
	n.mu.Lock()
	if d.epoch == n.epoch {
		n.queue = append(n.queue, d)
	}
	n.mu.Unlock()
	n.wake()
}

// wake makes the watcher look again. A signal that is already waiting is enough.
func (n *notifier) wake() {
	select {
	case n.signal <- struct{}{}:
	default:
	}
}

func (n *notifier) start() { n.group.Go(n.watch) }
func (n *notifier) wait()  { n.group.Wait() }

func (n *notifier) watch() {
	for {
		due, next := n.takeDue()
		for _, d := range due {
			n.group.Go(func() { n.run(d) })
		}
		timer := time.NewTimer(next)
		select {
		case <-n.p.ctx.Done():
			timer.Stop()
			return
		case <-n.signal:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// takeDue removes what is due and tells how long to wait for the rest.
func (n *notifier) takeDue() (due []*delivery, next time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.p.clock.now()
	next = time.Hour
	n.queue = slices.DeleteFunc(n.queue, func(d *delivery) bool {
		if left := d.due.Sub(now); left > 0 {
			next = min(next, left)
			return false
		}
		due = append(due, d)
		return true
	})
	return due, next
}

// run makes one attempt and queues the next one when it fails.
func (n *notifier) run(d *delivery) {
	select {
	case n.slots <- struct{}{}:
	case <-n.p.ctx.Done():
		return
	}
	defer func() { <-n.slots }()
	if d.ready != nil {
		if !d.ready() {
			return
		}
		d.ready = nil
	}
	fault := Fault{Kind: faultDelay}
	if !d.delayed {
		fault = n.p.faults.take(d.class(), d.target())
		if fault.Kind == faultDelay {
			d.delayed, d.due = true, n.p.clock.now().Add(orDefault(fault.Delay, time.Second))
			n.enqueue(d)
			return
		}
	}
	d.delayed = false
	began := n.p.clock.now()
	d.attempt++
	schedule := n.schedule(d)
	if n.deliver(d, fault.Kind) || d.attempt > len(schedule) || n.p.ctx.Err() != nil {
		return
	}
	d.due = began.Add(schedule[d.attempt-1])
	n.enqueue(d)
}
