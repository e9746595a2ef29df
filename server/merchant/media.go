package merchant

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
	"wxhub/pay/applyment"
	"wxhub/server/edge"
)

func (h handlers) mountMedia(api huma.API, tags []string, security []map[string][]string) {
	edge.Register(api, huma.Operation{
		OperationID: "uploadMedia", Method: http.MethodPost, Path: root + "/media", DefaultStatus: http.StatusCreated,
		Summary: "Upload an image or a video for an application", Tags: tags, Security: security, Errors: []int{502, 504},
		Description: "A form with one part, `file`: a JPG, PNG or BMP of at most 2 MB, told by its content, or a video of at most 5 MB, told by the ending of its name. " +
			"It goes to WeChat Pay and is not kept.",
	}, h.upload)
}

type uploadMediaInput struct {
	MerchantID string `path:"merchant_id" maxLength:"32" doc:"the service provider"`
	RawBody    huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" contentType:"application/octet-stream" required:"true"`
	}]
}

type uploadMediaOutput struct {
	Body struct {
		MediaID string `json:"media_id" doc:"for the fields of an application"`
	}
}

func (h handlers) upload(ctx context.Context, in *uploadMediaInput) (*uploadMediaOutput, error) {
	file := in.RawBody.Data().File
	content, err := io.ReadAll(io.LimitReader(file, applyment.MaxVideo+1))
	if err != nil {
		return nil, model.InvalidField("file", "could not be read")
	}
	out := &uploadMediaOutput{}
	out.Body.MediaID, err = h.applyments.Upload(ctx, in.MerchantID, file.Filename, content)
	if err != nil {
		return nil, err
	}
	return out, nil
}
