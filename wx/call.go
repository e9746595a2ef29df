package wx

import (
	"net/url"

	"wxhub/model"
)

// Call is one call to WeChat's API that another program wants forwarded.
type Call struct {
	Method, Path string // Path begins with '/'
	Query        url.Values
	ContentType  string
	Body         []byte
}

// Answer is what WeChat answered.
type Answer struct {
	Status             int
	ContentType        string
	ContentDisposition string
	Body               []byte
}

// ErrPath: the path is not on the allow-list.
var ErrPath = model.NewError(model.KindForbidden, "path_not_allowed", "this path is not forwarded; see wechat.forward_paths in the configuration")
