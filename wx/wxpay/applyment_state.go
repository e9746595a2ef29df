package wxpay

import (
	"errors"
	"strings"

	"wxhub/wx"
)

// applymentAnswer is what WeChat Pay tells about an application.
type applymentAnswer struct {
	BusinessCode      string `json:"business_code"`
	ApplymentID       int64  `json:"applyment_id"`
	SubMchid          string `json:"sub_mchid"`
	SignURL           string `json:"sign_url"`
	ApplymentState    string `json:"applyment_state"`
	ApplymentStateMsg string `json:"applyment_state_msg"`
	AuditDetail       []struct {
		Field        string `json:"field"`
		FieldName    string `json:"field_name"`
		RejectReason string `json:"reject_reason"`
	} `json:"audit_detail"`
}

// What is kept of an answer, at most.
const (
	maxRejections = 50
	maxSaid       = 1024 // bytes
)

// statement refuses what does not mean anything.
func (a applymentAnswer) statement() (wx.ApplymentStatement, error) {
	out := wx.ApplymentStatement{
		BusinessCode: a.BusinessCode, ApplymentID: a.ApplymentID, SubMerchantID: a.SubMchid, SignURL: a.SignURL,
		State: wx.ApplymentState(a.ApplymentState), Message: said(a.ApplymentStateMsg),
	}
	for _, d := range a.AuditDetail[:min(len(a.AuditDetail), maxRejections)] {
		out.Rejections = append(out.Rejections, wx.ApplymentRejection{Field: said(d.Field), FieldName: said(d.FieldName), Reason: said(d.RejectReason)})
	}
	switch {
	case out.BusinessCode == "" || out.ApplymentID <= 0:
		return wx.ApplymentStatement{}, errors.New("an application lacks business_code or applyment_id")
	case len(out.SignURL) > 2*maxSaid || len(out.SubMerchantID) > 32:
		return wx.ApplymentStatement{}, errors.New("an application has no believable sign_url or sub_mchid")
	case out.State == wx.ApplymentFinished && out.SubMerchantID == "":
		return wx.ApplymentStatement{}, errors.New("a finished application lacks sub_mchid")
	}
	switch out.State {
	case wx.ApplymentEditing, wx.ApplymentAuditing, wx.ApplymentRejected, wx.ApplymentToBeConfirmed, wx.ApplymentToBeSigned,
		wx.ApplymentSigning, wx.ApplymentFinished, wx.ApplymentCanceled:
		return out, nil
	}
	return wx.ApplymentStatement{}, errors.New("an application has a state that nobody knows")
}

func said(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxSaid)], "")
}
