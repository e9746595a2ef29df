package edge

import (
	"regexp"
	"time"
)

// UploadLimit is the largest body of an upload, in bytes: a video of 5 MB and the form around it. Everything else has
// BodyLimit.
const UploadLimit = 5<<20 + 64<<10

// uploadTime is how long an upload may take to arrive, by a slow line.
const uploadTime = time.Minute

var uploadPath = regexp.MustCompile(`^/v1/merchants/[^/?]{1,32}/media(\?|$)`)

// largerUploads is the server's word on one request once its header has come: nobody may send more than BodyLimit but
// to where files are uploaded.
func largerUploads[H interface{ RequestURI() []byte }, C ~struct {
	ReadTimeout, WriteTimeout time.Duration
	MaxRequestBodySize        int
}](header H) C {
	if uploadPath.Match(header.RequestURI()) {
		return C{ReadTimeout: uploadTime, MaxRequestBodySize: UploadLimit}
	}
	return C{}
}
