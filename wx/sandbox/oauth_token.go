package sandbox

// tokenPair is what an exchange or a refresh gives.
type tokenPair struct {
	grant
	access, refresh string
}

// exchange uses a code up for a pair of tokens.
func (o *oauth) exchange(code, appID string, b *Behaviour) (tokenPair, *wxError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, now := o.codes[code], o.clock.now()
	switch {
	case c == nil || c.app != appID:
		return tokenPair{}, &wxError{codeInvalidCode, "invalid code"}
	case c.used:
		return tokenPair{}, &wxError{codeUsedCode, "code been used"}
	case !now.Before(c.expires):
		return tokenPair{}, &wxError{b.ExpiredCode, "invalid code"}
	}
	c.used = true
	pair := tokenPair{c.grant, o.ids.accessToken(), o.ids.accessToken()}
	o.access[pair.access] = &oauthToken{grant: c.grant, expires: now.Add(tokenLife)}
	o.refresh[pair.refresh] = &oauthToken{grant: c.grant, expires: now.Add(refreshLife), access: pair.access}
	return pair, nil
}

// renew gives the access token another two hours, or when it is over a new one. The refresh token stays, and so
// does the end of its 30 days.
func (o *oauth) renew(refresh, appID string) (tokenPair, *wxError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, now := o.refresh[refresh], o.clock.now()
	switch {
	case r == nil || r.app != appID:
		return tokenPair{}, &wxError{codeRefreshToken, "invalid refresh_token"}
	case !now.Before(r.expires):
		return tokenPair{}, &wxError{codeRefreshExpired, "refresh_token expired"}
	}
	if !now.Before(o.access[r.access].expires) {
		r.access = o.ids.accessToken()
		o.access[r.access] = &oauthToken{grant: r.grant}
	}
	o.access[r.access].expires = now.Add(tokenLife)
	return tokenPair{r.grant, r.access, refresh}, nil
}

// check resolves an access token of a user and compares the openid.
func (o *oauth) check(access, openID string) (grant, *wxError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.access[access]
	switch {
	case access == "":
		return grant{}, &wxError{codeTokenMissing, "access_token missing"}
	case openID == "":
		return grant{}, &wxError{codeOpenIDMissing, "missing openid"}
	case t == nil:
		return grant{}, &wxError{codeInvalidToken, "invalid credential, access_token is invalid or not latest"}
	case !o.clock.now().Before(t.expires):
		return grant{}, &wxError{codeTokenExpired, "access_token expired"}
	case t.openID != openID:
		return grant{}, &wxError{codeOpenID, "invalid openid"}
	}
	return t.grant, nil
}
