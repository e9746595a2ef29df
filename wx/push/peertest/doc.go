// Package peertest lets another SDK judge wx/push: PowerWeChat, as it is published, reads
// the same pushes, and what one side encrypts the other opens. It is a module of its own
// because PowerWeChat must stay out of the program.
//
// Only what WeChat would send is compared. What WeChat would not, PowerWeChat often
// believes (a plain body in safe mode, any timestamp, another app's message) and wx/push
// does not; its own tests say so.
package peertest
