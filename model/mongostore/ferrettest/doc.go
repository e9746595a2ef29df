// Package ferrettest runs the conformance suites of package mongostore against an
// embedded stand-in for MongoDB: FerretDB 1.24, the last line that keeps its data
// in SQLite and needs no server. It is a module of its own because the stand-in is
// heavy and must stay out of the program.
//
// FerretDB does not make one command on one document atomic when commands overlap,
// as MongoDB does. So the driver gets one connection: goroutines still interleave
// between commands, each command is whole. Majorities, elections, retried writes
// and index use are not tested here; set WXHUB_TEST_MONGODB and run the tests of
// package mongostore for those that a real server can show.
//
// It is slow, so the suites try a sample of the transitions of orders;
// WXHUB_TEST_EVERY_TRANSITION=1 with -timeout 60m tries them all.
package ferrettest
