package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// Kinds of media, and where they are uploaded.
const (
	mediaImage     = "image"
	mediaVideo     = "video"
	mediaImagePath = "/v3/merchant/media/upload"
	mediaVideoPath = "/v3/merchant/media/video_upload"
	maxImage       = 2 << 20
	maxVideo       = 5 << 20
	maxUpload      = 6 << 20 // a whole request
)

var (
	imageEndings = []string{".jpg", ".jpeg", ".bmp", ".png"}
	videoEndings = []string{".avi", ".wmv", ".mpeg", ".mp4", ".mov", ".mkv", ".flv", ".f4v", ".m4v", ".rmvb"}
	imageHeads   = []string{"\xff\xd8\xff", "BM", "\x89PNG\r\n\x1a\n"}
)

func isUpload(path string) bool { return path == mediaImagePath || path == mediaVideoPath }

// media are the files that merchants uploaded: only that, not what was in them.
type media struct {
	ids   *idMaker
	mu    sync.Mutex
	known map[[3]string]bool // merchant, kind, media_id
}

func (m *media) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = map[[3]string]bool{}
}

func (m *media) add(mchID, kind string) string {
	id := m.ids.text(tokenSafe, 86) + "_" + m.ids.text(tokenSafe, 42)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[[3]string{mchID, kind, id}] = true
	return id
}

func (m *media) has(mchID, kind, id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[[3]string{mchID, kind, id}]
}

// upload is a request of two parts. What is signed is the text of meta as it came.
type upload struct {
	meta    []byte
	file    []byte
	hasFile bool
}

func readUpload(in *call) (out upload, ok bool) {
	kind, parameters, err := mime.ParseMediaType(in.request.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return out, false
	}
	parts := multipart.NewReader(bytes.NewReader(in.body), parameters["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return out, out.meta != nil
		}
		if err != nil {
			return out, false
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return out, false
		}
		switch p.FormName() {
		case "meta":
			out.meta = content
		case "file":
			out.file, out.hasFile = content, true
		}
	}
}

// signedBody is the part of a call that its signature covers: of an upload the meta, of all others the body.
func signedBody(in *call) []byte {
	if isUpload(in.request.URL.Path) {
		if u, ok := readUpload(in); ok {
			return u.meta
		}
	}
	return in.body
}

func (p *Platform) uploadMedia(in *v3Call) (any, error) {
	kind, label, limit, endings := mediaImage, "图片", maxImage, imageEndings
	if in.request.URL.Path == mediaVideoPath {
		kind, label, limit, endings = mediaVideo, "视频", maxVideo, videoEndings
	}
	u, ok := readUpload(in.call)
	if !ok {
		return nil, paramError(internalParamInvalid, "请求主体不是合法的multipart/form-data，或缺少meta", nil)
	}
	object, refused := parseObject(u.meta, []field{needed("filename", "文件名称", 128), needed("sha256", "文件摘要", 64)})
	if refused != nil {
		return nil, refused
	}
	sum, f := sha256.Sum256(u.file), form(object)
	switch {
	case !u.hasFile:
		return nil, paramError(internalParamInvalid, "输入源“/body/file”映射到字段“"+label+"文件”必填性规则校验失败，此字段为必填项", fieldDetail{Location: "body"})
	case len(u.file) == 0:
		return nil, paramError(internalParamInvalid, label+"文件为空", nil)
	case len(u.file) > limit:
		return nil, paramError(internalParamRange, label+"文件大小超过限制", nil)
	case !slices.Contains(endings, strings.ToLower(path.Ext(f.text("filename")))), kind == mediaImage && !hasHead(u.file):
		return nil, blocked("未知" + label + "类型")
	case !strings.EqualFold(f.text("sha256"), hex.EncodeToString(sum[:])):
		return nil, blocked(label + "meta信息不一致")
	}
	return map[string]string{"media_id": p.media.add(in.merchant.ID, kind)}, nil
}

func hasHead(file []byte) bool {
	return slices.ContainsFunc(imageHeads, func(head string) bool { return bytes.HasPrefix(file, []byte(head)) })
}

func blocked(message string) *Refusal {
	return &Refusal{Status: http.StatusForbidden, Code: "REQUEST_BLOCKED", Message: message, Internal: internalParamInvalid}
}
