// Package push receives the messages and events that WeChat pushes to an app, and does
// what they ask for.
//
// The route verifies (wx/push knows signatures and encryption), refuses a request that it
// has seen, stores a task under an id made of what WeChat says distinguishes messages,
// and answers "success": all of it takes milliseconds. What happens then is in
// handle.go and happens in the background, as often as it takes. WeChat repeats what is
// not answered within five seconds, three times in all; a repetition finds its task
// there.
package push
