package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxhub/model"
)

var simpleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// validate checks every section against its rules and against the others.
func (r *report) validate(c *Config) {
	r.server(c.Server)
	r.stores(c.Store, c.Redis)
	r.endpoints(c.WeChat.Endpoints)
	r.forwardPaths(c.WeChat.ForwardPaths)
	r.apps(c.WeChat.Apps)
	r.merchants(c)
	r.webhooks(c.Webhooks)
	r.collectCodes(c)
	r.interval("jobs.order_sweep_interval", c.Jobs.OrderSweepInterval, 100*time.Millisecond, 24*time.Hour)
	r.interval("jobs.token_renew_interval", c.Jobs.TokenRenewInterval, 100*time.Millisecond, 10*time.Minute)
	r.interval("jobs.harvest_interval", c.Jobs.HarvestInterval, 0, 366*24*time.Hour)
	r.timeOfDay("jobs.reconcile_at", c.Jobs.ReconcileAt)
	r.interval("jobs.webhook_poll_interval", c.Jobs.WebhookPollInterval, 100*time.Millisecond, 24*time.Hour)
}

// normalise gives values that mean the same the same form.
func (c *Config) normalise() {
	if c.Jobs.ReconcileAt == Off {
		c.Jobs.ReconcileAt = ""
	}
	for _, u := range []*string{
		&c.Server.PublicURL, &c.WeChat.Endpoints.API, &c.WeChat.Endpoints.Open, &c.WeChat.Endpoints.Mch,
	} {
		*u = strings.TrimRight(*u, "/")
	}
	for i := range c.Pay.Merchants {
		c.Pay.Merchants[i].CertSerial = strings.ToUpper(c.Pay.Merchants[i].CertSerial)
	}
}

// set asks for a value; false after a fault.
func (r *report) set(key string, missing bool, remedy string) bool {
	if missing {
		r.fault(key, "is missing; %s", remedy)
	}
	return !missing
}

// secret asks for a secret; false after a fault.
func (r *report) secret(key string, s model.Secret, what string) bool {
	return r.set(key, s.IsZero(), what+", as env:NAME, file:PATH or itself")
}

func (r *report) interval(key string, d, least, most time.Duration) {
	if d < least || d > most {
		r.fault(key, "is %s; it must be from %s to %s", short(d), short(least), short(most))
	}
}

// webURL checks an absolute http(s) URL that gets paths appended.
func (r *report) webURL(key, text string, example string) {
	if !r.set(key, text == "", "give a URL such as "+example) {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		r.fault(key, "must be an absolute http or https URL, such as %s", example)
	case u.User != nil: // the URL is shown in logs
		r.fault(key, "must not hold a user or password; remove them")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		r.fault(key, "must not have a query or fragment; remove what follows ? or #")
	}
}

// hostPort checks a listen address.
func (r *report) hostPort(key, text string) {
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		r.fault(key, `must be host:port, such as ":8080" or "127.0.0.1:8080"`)
	}
}

// unique remembers values of a list and finds the second of a kind.
type unique map[string]string

// claim is false after a fault: the value was claimed by another key before.
func (u unique) claim(r *report, key, value, what string) bool {
	if first, taken := u[value]; taken {
		r.fault(key, "is the same %s as %s; give each its own", what, first)
		return false
	}
	u[value] = key
	return true
}

// oneOf checks a word against those that exist.
func oneOf[T ~string](r *report, key string, word T, known []T) {
	if slices.Contains(known, word) {
		return
	}
	words := make([]string, len(known))
	for i, k := range known {
		words[i] = string(k)
	}
	remedy := "use one of " + strings.Join(words, ", ")
	if near := nearest(string(word), words); near != "" {
		remedy = "did you mean " + near + "?"
	}
	r.fault(key, "%q is not known; %s", word, remedy)
}

// short writes 24h0m0s as 24h.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// at is the path of a key of a list element, or of the element itself when name is "".
func at(list string, i int, name string) string {
	element := fmt.Sprintf("%s[%d]", list, i)
	if name == "" {
		return element
	}
	return join(element, name)
}
