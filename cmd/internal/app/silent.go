package app

import (
	"net"
	"sync"
	"time"
)

// lastWords is how long a connection that has not said anything is listened to once
// the server is stopping.
const lastWords = time.Second

// silentConns is a listener that knows the connections which have sent nothing yet:
// spare dials of clients, checks of load balancers. The server would wait for each as
// long as for a slow request before it ends; a request that is just on its way is
// still read.
type silentConns struct {
	net.Listener
	mu       sync.Mutex
	conns    map[*listenedConn]struct{}
	stopping bool
}

func watchSilent(l net.Listener) *silentConns {
	return &silentConns{Listener: l, conns: map[*listenedConn]struct{}{}}
}

// Accept takes a connection that is silent until its first byte.
func (w *silentConns) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	listened := &listenedConn{Conn: c, to: w}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns[listened] = struct{}{}
	return listened, nil
}

func (w *silentConns) spoke(c *listenedConn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
}

// hurry gives the silent ones their last words, those that still come included.
func (w *silentConns) hurry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopping = true
	for c := range w.conns {
		_ = c.Conn.SetReadDeadline(time.Now().Add(lastWords)) // it is gone if this fails
	}
}

// listenedConn tells its listener when it has spoken or is gone.
type listenedConn struct {
	net.Conn
	to   *silentConns
	once sync.Once
}

// Read reads, and notes that there was something.
func (c *listenedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.once.Do(func() { c.to.spoke(c) })
	return n, err
}

// Close closes the connection.
func (c *listenedConn) Close() error {
	c.once.Do(func() { c.to.spoke(c) })
	return c.Conn.Close()
}

// SetReadDeadline gives a silent connection no longer than its last words once the
// server is stopping.
func (c *listenedConn) SetReadDeadline(t time.Time) error {
	c.to.mu.Lock()
	_, silent := c.to.conns[c]
	if last := time.Now().Add(lastWords); silent && c.to.stopping && t.After(last) {
		t = last
	}
	c.to.mu.Unlock()
	return c.Conn.SetReadDeadline(t)
}
