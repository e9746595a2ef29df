package edge

import "runtime"

// stack returns the stack of the calling goroutine, bounded.
func stack() []byte {
	buf := make([]byte, 4<<10)
	return buf[:runtime.Stack(buf, false)]
}
