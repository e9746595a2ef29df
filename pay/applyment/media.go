package applyment

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"wxhub/model"
	"wxhub/wx"
)

// Limits of WeChat Pay, in bytes.
const (
	MaxImage = 2 << 20
	MaxVideo = 5 << 20
)

// images are told by how they begin, whatever their name says.
var images = []struct{ head, name, contentType string }{
	{"\xff\xd8\xff", "image.jpg", "image/jpeg"},
	{"\x89PNG\r\n\x1a\n", "image.png", "image/png"},
	{"BM", "image.bmp", "image/bmp"},
}

// videos are the endings that WeChat Pay takes.
var videos = []string{".avi", ".wmv", ".mpeg", ".mp4", ".mov", ".mkv", ".flv", ".f4v", ".m4v", ".rmvb"}

// Upload hands WeChat Pay an image or a video, and returns the media_id for an application. The name's ending says
// which it is; the name itself stays here.
//
// Errors: invalid_input, and those of wx/wxpay.Gateway.UploadMedia.
func (s *Service) Upload(ctx context.Context, merchantID, name string, content []byte) (string, error) {
	if err := s.provider(merchantID); err != nil {
		return "", err
	}
	m, err := mediaOf(name, content)
	if err != nil {
		return "", err
	}
	return s.WeChat.UploadMedia(ctx, merchantID, m)
}

func mediaOf(name string, content []byte) (wx.Media, error) {
	if ending := strings.ToLower(path.Ext(name)); slices.Contains(videos, ending) {
		if len(content) == 0 || len(content) > MaxVideo {
			return wx.Media{}, model.InvalidField("file", "a video must have 1 to %d bytes", MaxVideo)
		}
		return wx.Media{Name: "video" + ending, ContentType: "video/" + ending[1:], Video: true, Content: content}, nil
	}
	if len(content) > MaxImage {
		return wx.Media{}, model.InvalidField("file", "an image must have at most %d bytes", MaxImage)
	}
	for _, x := range images {
		if bytes.HasPrefix(content, []byte(x.head)) {
			return wx.Media{Name: x.name, ContentType: x.contentType, Content: content}, nil
		}
	}
	return wx.Media{}, model.InvalidField("file", "must be a JPG, PNG or BMP image, or a video whose name ends in %s", strings.Join(videos, ", "))
}
