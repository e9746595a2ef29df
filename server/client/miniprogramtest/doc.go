// Package miniprogramtest tests the SDK for mini-programs and its example, which lie beside it in
// server/client/miniprogram: the SDK in Node with a stub of wx and with every branch covered, then
// SDK and example against the real server and the sandbox, its types with tsc. The tests in
// JavaScript are in testdata; what a mini-program's folder holds is no more than a mini-program.
package miniprogramtest
