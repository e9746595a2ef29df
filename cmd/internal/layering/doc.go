// Package layering holds the repository to its own architecture: which package
// may import which, where WeChat SDKs and drivers may be named, what lies at the
// top, and how large a file may become.
//
// Check is a function over any file tree. It reads Go files with go/parser in
// this process: `go list` in a child process would be invisible to the test cache,
// which then answers "ok" for a tree that has changed. Test files are free to
// import what they like, and so are nested modules and testdata. A package whose
// name ends in "test" (a conformance suite, say) may import any package of ours,
// and in return only tests may import it.
//
// The tables in this package are the rule. To change the architecture, change
// them in the commit that does it.
package layering
