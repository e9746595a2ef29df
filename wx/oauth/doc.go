// Package oauth opens the doors of official accounts, websites and mobile apps: it
// builds the address of the page where a person agrees, and redeems the code that comes
// back (PROTOCOL §6.3).
//
// Both calls (sns/oauth2/access_token, sns/userinfo) go through silenceper/wechat, which
// has context variants of them. What the SDK leaves open is closed here: the code goes
// into the URL as it is, so it must match a strict charset first; so do token and openid,
// which are checked or escaped; its client, its errors and what it believes are treated
// as in package mini. The addresses are built here, because the SDK does not escape scope
// and state.
//
// The tokens of an authorization are used for that one second call and dropped.
package oauth
