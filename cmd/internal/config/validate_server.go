package config

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"wxhub/model"
)

// scopes are what an API key may be allowed to do.
var scopes = []string{"orders", "users", "tokens", "transfers", "merchants"}

// A key of fewer than minAPIKeyLength characters can be guessed; below
// advisedAPIKeyLength the operator is told.
const (
	minAPIKeyLength     = 8
	advisedAPIKeyLength = 16
)

func (r *report) server(s Server) {
	r.hostPort("server.addr", s.Addr)
	r.webURL("server.public_url", s.PublicURL, "https://pay.example.com")
	r.interval("server.session_ttl", s.SessionTTL, time.Minute, 365*24*time.Hour)
	r.interval("server.shutdown_timeout", s.ShutdownTimeout, time.Second, 10*time.Minute)
	r.pages(s)
	names, keys := unique{}, unique{}
	for i, k := range s.APIKeys {
		r.apiKey(i, k, names, keys)
	}
}

func (r *report) apiKey(i int, k APIKey, names, keys unique) {
	const list = "server.api_keys"
	if name := at(list, i, "name"); !simpleName.MatchString(k.Name) {
		r.fault(name, "must be a short name of letters, digits, - and _; it appears in logs instead of the key")
	} else {
		names.claim(r, name, k.Name, "name")
	}
	key := at(list, i, "key")
	switch {
	case !r.secret(key, k.Key, "give the key that the backend sends as Authorization: Bearer"):
	case len(k.Key.Reveal()) < minAPIKeyLength:
		r.fault(key, "must have at least %d characters; make one with: openssl rand -hex 32", minAPIKeyLength)
	case !isToken(k.Key.Reveal()):
		r.fault(key, "holds spaces or other characters that a header cannot carry; make one with: openssl rand -hex 32")
	default:
		keys.claim(r, key, k.Key.Reveal(), "key")
	}
	r.wordList(at(list, i, "scopes"), k.Scopes, scopes)
}

// isToken reports whether s can be sent as a bearer token: visible ASCII only.
func isToken(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }) < 0
}

// wordList checks a list of known words that must not be empty.
func (r *report) wordList(key string, words, known []string) {
	if !r.set(key, len(words) == 0, "list at least one of "+strings.Join(known, ", ")) {
		return
	}
	seen := unique{}
	for i, w := range words {
		oneOf(r, at(key, i, ""), w, known)
		seen.claim(r, at(key, i, ""), w, "word")
	}
}

func (r *report) stores(s Store, redis Redis) {
	r.location("store.url", s.URL, "sqlite:data/wxhub.db", []string{"sqlite", "mongodb", "mongodb+srv"})
	r.location("redis.url", redis.URL, "redis://127.0.0.1:6379/0",
		[]string{"embedded", "redis", "rediss", "redis+sentinel", "redis+cluster"})
}

// location checks the outline of a URL that may hold a password, without ever
// showing it. The store itself understands the rest.
func (r *report) location(key string, s model.Secret, example string, schemes []string) {
	if !r.secret(key, s, "give a URL such as "+example) {
		return
	}
	scheme, rest, _ := strings.Cut(s.Reveal(), ":")
	host, network := strings.CutPrefix(rest, "//")
	switch {
	case !slices.Contains(schemes, scheme):
		r.fault(key, "must begin with one of %s:, such as %s", strings.Join(schemes, ":, "), example)
	case scheme == "embedded" && rest != "":
		r.fault(key, "embedded: takes nothing after the colon; remove it")
	case scheme == "embedded":
	case scheme == "sqlite" && (network || rest == ""):
		r.fault(key, "sqlite: is followed by the path of a file, without //, such as sqlite:data/wxhub.db")
	case scheme == "sqlite":
	case !network || hostless(host):
		r.fault(key, "%s: is followed by //host:port", scheme)
	}
}

// hostless reports whether nothing is named between the password and the path.
func hostless(authority string) bool {
	authority, _, _ = strings.Cut(authority, "?")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	host, _, _ := strings.Cut(authority, "/")
	return (&url.URL{Host: host}).Hostname() == ""
}
