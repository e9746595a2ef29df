// Package api makes the calls to api.weixin.qq.com that need an app's access token. It
// is the ground of mini, mp and forward.
//
// Why not the SDK: silenceper/wechat has no context variant of most of these calls, asks
// WeChat for tokens by itself, never reacts to a token that WeChat calls bad, and prints
// URLs, tokens included, in its errors (FIELD-NOTES §4.1). What is needed instead is
// little: the token is filled in, a call that WeChat answers with "that token is bad" is
// repeated once with another, and an errcode becomes an error of ours.
package api
