package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxBody bounds every request body that is read.
const maxBody = 1 << 20

const defaultHang = 30 * time.Second

// reply is an answer before it is written, so that faults can still spoil it and the log knows it.
type reply struct {
	status int
	header http.Header
	body   []byte
	code   string // for the log
}

// call is what both gateways know of a call in flight.
type call struct {
	request *http.Request
	body    []byte
	fault   Fault
	entry   *Entry

	merchant    *merchant // APIv3, once its signature is verified
	subMchID    string    // of a service provider
	appID       string
	outTradeNo  string
	outRefundNo string
}

// begin reads the body, logs the call and picks its fault. The body is cut a byte after the most that there
// may be, tooLong tells.
func (p *Platform) begin(c class, r *http.Request) (in *call, tooLong bool) {
	in = &call{request: r, fault: p.faults.take(c, r.URL.Path)}
	in.entry = p.journal.begin(Entry{
		Time: p.clock.wall(), PlatformTime: p.clock.now(), Direction: DirectionCall,
		Method: r.Method, Path: withoutSecrets(r.URL), Fault: in.fault.Kind,
	})
	// A body that breaks off is judged like a short one: its signature or its syntax is wrong.
	limit := maxBody
	if isUpload(r.URL.Path) {
		limit = maxUpload
	}
	in.body, _ = io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	p.settleApplyments()
	return in, len(in.body) > limit
}

// early carries out the faults that strike before the platform looks at the call. A reply that is not nil is
// the whole answer.
func (p *Platform) early(in *call) *reply {
	ctx := in.request.Context()
	switch in.fault.Kind {
	case faultDelay:
		p.pause(ctx, orDefault(in.fault.Delay, time.Second))
	case faultHang:
		p.pause(ctx, orDefault(in.fault.Delay, defaultHang))
		p.abort(in)
	case faultDrop:
		p.abort(in)
	case faultHTTP500:
		return page(http.StatusInternalServerError, "<html><head><title>500 Internal Server Error</title></head><body><center><h1>500 Internal Server Error</h1></center></body></html>")
	case faultNotJSON:
		return page(http.StatusOK, "<html><body>Please log in to the network.</body></html>")
	}
	return nil
}

// send writes the reply, after the faults that strike when the work is done.
func (p *Platform) send(w http.ResponseWriter, in *call, out *reply) {
	if in.fault.Kind == faultLostAnswer {
		p.abort(in)
	}
	p.journal.end(in.entry, func(e *Entry) {
		in.describe(e)
		e.Status, e.Code = out.status, out.code
	})
	for name, values := range out.header {
		w.Header()[name] = values
	}
	if in.fault.Kind == faultTruncate && len(out.body) > 0 {
		truncate(w, out)
	}
	w.WriteHeader(out.status)
	// The client may be gone; there is nobody left to tell.
	_, _ = w.Write(out.body)
}

// truncate announces the whole body, sends half and breaks the connection.
func truncate(w http.ResponseWriter, out *reply) {
	w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body[:len(out.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// abort closes the connection without an answer, which net/http does for this panic.
func (p *Platform) abort(in *call) {
	p.journal.end(in.entry, func(e *Entry) {
		in.describe(e)
		e.Error = "closed without an answer"
	})
	panic(http.ErrAbortHandler)
}

func (in *call) describe(e *Entry) {
	if in.merchant != nil {
		e.Merchant = in.merchant.ID
	}
	e.SubMerchant, e.App, e.OutTradeNo, e.OutRefundNo = in.subMchID, in.appID, in.outTradeNo, in.outRefundNo
}

// pause waits by the wall clock, until the client or the platform goes away.
func (p *Platform) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
}

func page(status int, html string) *reply {
	return &reply{status: status, body: []byte(html), header: http.Header{"Content-Type": {"text/html"}, "Server": {"nginx"}}}
}

// encode writes JSON as the platform does: no HTML escapes, no trailing newline.
func encode(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return []byte("{}") // unreachable: only our own wire structs come here
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
