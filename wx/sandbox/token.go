package sandbox

import (
	"strings"
	"sync"
	"time"
)

const (
	tokenLife       = 2 * time.Hour
	tokenOverlap    = 5 * time.Minute // a replaced plain token lives on; a stable one is renewed this early
	forceGap        = 30 * time.Second
	forcePerDay     = 20
	plainPerDay     = 2000
	tokenTextLength = 136
)

// accessToken is one token; expires is on the platform's clock.
type accessToken struct {
	text    string
	app     string
	expires time.Time
	revoked bool // replaced by force or by the control API: invalid at once
}

// appTokens is the state of one app. The two endpoints are isolated: their tokens coexist.
type appTokens struct {
	plain, stable *accessToken
	forced        time.Time // last force_refresh
	forcedToday   quota
	plainToday    quota
	insists       bool              // a revoked stable token is answered until it is forced away
	tickets       map[string]ticket // by type
}

// quota counts by the platform's calendar day in China.
type quota struct {
	day  string
	used int
}

// take uses one of limit up.
func (q *quota) take(now time.Time, limit int) bool {
	if day := china(now).Format(time.DateOnly); q.day != day {
		*q = quota{day: day}
	}
	if q.used >= limit {
		return false
	}
	q.used++
	return true
}

// tokens are all access tokens ever issued, and who holds which now.
type tokens struct {
	clock *clock
	ids   *idMaker

	mu     sync.Mutex
	apps   map[string]*appTokens
	issued map[string]*accessToken
}

// check resolves a token to its app, for every endpoint that takes access_token.
func (t *tokens) check(text string) (app string, failed *wxError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	token, found := t.issued[text]
	switch {
	case text == "":
		return "", &wxError{codeTokenMissing, "access_token missing"}
	case !found && (len(text) != tokenTextLength || !strings.Contains(text, "_")):
		return "", &wxError{codeMalformedToken, "invalid access_token"}
	case !found || token.revoked:
		return "", &wxError{codeInvalidToken, "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"}
	case !t.clock.now().Before(token.expires):
		return "", &wxError{codeTokenExpired, "access_token expired"}
	}
	return token.app, nil
}

// replacePlain issues a new token of /cgi-bin/token and lets the one before live on for the overlap.
func (t *tokens) replacePlain(app string) (*accessToken, *wxError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, now := t.of(app), t.clock.now()
	if !state.plainToday.take(now, plainPerDay) {
		return nil, &wxError{codeQuota, "reach max api daily quota limit"}
	}
	if old := state.plain; old != nil && old.expires.After(now.Add(tokenOverlap)) {
		old.expires = now.Add(tokenOverlap)
	}
	state.plain = t.issue(app, now)
	return state.plain, nil
}

// currentStable returns the token of /cgi-bin/stable_token, a new one in its last minutes.
func (t *tokens) currentStable(app string) *accessToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, now := t.of(app), t.clock.now()
	if old := state.stable; old == nil || !old.expires.After(now.Add(tokenOverlap)) || old.revoked && !state.insists {
		state.stable, state.insists = t.issue(app, now), false
	}
	return state.stable
}

// forceStable replaces the stable token at once.
func (t *tokens) forceStable(app string) (*accessToken, *wxError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, now := t.of(app), t.clock.now()
	if now.Sub(state.forced) < forceGap {
		return nil, &wxError{codeTooFrequent, "api minute-quota reach limit  mustslower  retry next minute"}
	}
	if !state.forcedToday.take(now, forcePerDay) {
		return nil, &wxError{codeQuota, "reach max api daily quota limit"}
	}
	state.forced = now
	if state.stable != nil {
		state.stable.revoked = true
	}
	state.stable, state.insists = t.issue(app, now), false
	return state.stable, nil
}

// revoke makes every token of the app invalid.
func (t *tokens) revoke(app string, insist bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, token := range t.issued {
		if token.app == app {
			token.revoked = true
		}
	}
	t.of(app).insists = insist
}

func (t *tokens) of(app string) *appTokens {
	state := t.apps[app]
	if state == nil {
		state = &appTokens{}
		t.apps[app] = state
	}
	return state
}

func (t *tokens) issue(app string, now time.Time) *accessToken {
	token := &accessToken{text: t.ids.accessToken(), app: app, expires: now.Add(tokenLife)}
	t.issued[token.text] = token
	return token
}
