package wxpay

import (
	"encoding/json"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// transferAnswer is what WeChat Pay tells about a transfer, in answers and in the decrypted
// resource of a notification: each has some of the fields.
type transferAnswer struct {
	MchID          string `json:"mch_id"`
	Mchid          string `json:"mchid"` // sources differ in how it is spelled
	OutBillNo      string `json:"out_bill_no"`
	TransferBillNo string `json:"transfer_bill_no"`
	State          string `json:"state"`
	TransferAmount int64  `json:"transfer_amount"`
	Openid         string `json:"openid"`
	FailReason     string `json:"fail_reason"`
	PackageInfo    string `json:"package_info"`
}

func (a transferAnswer) merchant() string {
	if a.MchID != "" {
		return a.MchID
	}
	return a.Mchid
}

// state refuses what does not mean anything.
func (a transferAnswer) state() (wx.TransferState, error) {
	out := wx.TransferState{
		MerchantID: a.merchant(), OutBillNo: a.OutBillNo, TransferBillNo: a.TransferBillNo, Status: wx.TransferStatus(a.State),
		Amount: model.Fen(a.TransferAmount), OpenID: a.Openid, FailReason: a.FailReason, PackageInfo: a.PackageInfo,
	}
	switch {
	case out.MerchantID == "" || out.OutBillNo == "" || len(out.TransferBillNo) > 64 || out.TransferBillNo == "":
		return wx.TransferState{}, errors.New("a transfer lacks mch_id, out_bill_no or transfer_bill_no")
	case out.Amount < 0 || len(out.PackageInfo) > 1024 || len(out.FailReason) > 256:
		return wx.TransferState{}, errors.New("a transfer has no believable amount, package_info or fail_reason")
	}
	switch out.Status {
	case wx.TransferAccepted, wx.TransferProcessing, wx.TransferWaiting, wx.TransferTransferring,
		wx.TransferSuccess, wx.TransferFail, wx.TransferCanceling, wx.TransferCancelled:
		return out, nil
	}
	return wx.TransferState{}, errors.New("a transfer has a state that nobody knows")
}

// transferEvent tells the end of a transfer. Its original_type was seen in the field.
const transferEvent, transferType = "MCHTRANSFER.BILL.FINISHED", "mch_payment"

func readTransfer(plain []byte) (*wx.TransferState, error) {
	var a transferAnswer
	if err := json.Unmarshal(plain, &a); err != nil {
		return nil, errors.New("the decrypted resource is not a transfer")
	}
	s, err := a.state()
	switch {
	case err != nil:
		return nil, err
	case s.Status != wx.TransferSuccess && s.Status != wx.TransferFail && s.Status != wx.TransferCancelled:
		return nil, errors.New("event and state of a transfer contradict each other")
	case s.Amount == 0 || s.OpenID == "":
		return nil, errors.New("a finished transfer lacks transfer_amount or openid")
	}
	return &s, nil
}
