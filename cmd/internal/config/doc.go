// Package config reads wxhub's configuration file and its environment
// overrides into a Config that is complete and checked.
//
// It owns the names of the keys, their defaults and their rules. How it works:
// the file is parsed into a tree of YAML nodes that know their lines; each
// WXHUB_ variable replaces one node of that tree; a decoder walks the tree
// against the struct tags of Config; then each section is validated. Every step
// collects faults instead of stopping, so an operator sees all of them at once,
// each with its place, its key and what to do about it.
//
// What it leaves to others: whether the things that are configured can be
// reached is the doctor's business, what they are used for is the wiring's.
//
// A secret is never part of a fault. Values of secret keys are read only through
// the reference forms (literal, env:NAME, file:PATH) and kept as model.Secret,
// so a Config may be printed or logged.
package config
