package ferrettest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// serial stands before the stand-in and lets one command pass at a time, whichever
// connection it comes from: that is what makes each command whole when several processes
// share it. Commands of the processes still interleave.
type serial struct {
	upstream string
	turn     sync.Mutex
	conns    sync.WaitGroup
}

// serialise returns the URI of a stand-in that several processes may use at once.
func serialise(t *testing.T, uri string) string {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &serial{upstream: u.Host}
	s.conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // the test is at its end
			}
			s.conns.Go(func() { s.serve(t, c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.conns.Wait() // the processes are gone by now, and with them their connections
	})
	u.Host = l.Addr().String()
	return u.String()
}

func (s *serial) serve(t *testing.T, client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", s.upstream)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = server.Close() }()
	for {
		request, err := message(client)
		if err != nil {
			return // the client has hung up
		}
		if err := s.pass(server, client, request); err != nil {
			return
		}
	}
}

// pass sends one command and brings the answer back. The drivers send none that has no
// answer, or more than one.
func (s *serial) pass(server, client net.Conn, request []byte) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if _, err := server.Write(request); err != nil {
		return err
	}
	answer, err := message(server)
	if err != nil {
		return err
	}
	_, err = client.Write(answer)
	return err
}

// message reads one message of MongoDB's wire protocol: its length, itself included, is
// in the first four bytes.
func message(r io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head)
	if n < 16 || n > 48<<20 {
		return nil, errors.New("not a message of MongoDB's")
	}
	all := make([]byte, n)
	copy(all, head)
	_, err := io.ReadFull(r, all[4:])
	return all, err
}
