package main

import "net"

// preferred is the address itself when it can be listened on, else a free port: a
// newcomer's first command must not fail because of port 8080. A single walk takes
// free ports at once; nobody will look at them.
func (o options) preferred(addr string) string {
	if o.Once {
		return ""
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return ""
	}
	_ = l.Close()
	return addr
}
