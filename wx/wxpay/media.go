package wxpay

import (
	"bytes"
	"context"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/fileuploader"

	"wxhub/wx"
)

// UploadMedia hands WeChat Pay an image or a video and returns its media_id. What is signed is the name and the
// SHA-256 of the content (PROTOCOL §1.2). Doing it again gives another media_id, which does no harm.
//
// Errors: wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown.
func (g *Gateway) UploadMedia(ctx context.Context, merchantID string, media wx.Media) (string, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return "", err
	}
	var id *string
	err = m.call(ctx, onMedia, func() (*core.APIResult, error) {
		if media.Video {
			answer, result, err := (&fileuploader.VideoUploader{Client: m.sdk}).Upload(ctx, bytes.NewReader(media.Content), media.Name, media.ContentType)
			if err == nil {
				id = answer.MediaId
			}
			return result, err
		}
		answer, result, err := (&fileuploader.ImageUploader{Client: m.sdk}).Upload(ctx, bytes.NewReader(media.Content), media.Name, media.ContentType)
		if err == nil {
			id = answer.MediaId
		}
		return result, err
	})
	if err != nil {
		return "", err
	}
	if id == nil || *id == "" || len(*id) > 512 {
		return "", wx.ErrBusy.Because(errElse)
	}
	return *id, nil
}
