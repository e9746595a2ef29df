// Package peertest lets what others use today meet the drop-in face: the SDKs
// silenceper/wechat and PowerWeChat as they are published, and curl. Each gets tokens
// and tickets and calls the API with nothing changed but its base URL and, in the
// appsecret's place, an API key; also after WeChat made the token invalid. It is a
// module of its own because PowerWeChat must stay out of the program.
//
// BenchmarkAccessToken compares reading an access token with silenceper's own, which
// users of that SDK have now, in one run against one Redis:
//
//	WXHUB_TEST_REDIS=redis://127.0.0.1:6379 go test -run '^$' -bench AccessToken -benchmem
package peertest
