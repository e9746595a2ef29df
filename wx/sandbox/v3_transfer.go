package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Amounts of a transfer in fen.
const (
	transferLeast = 10
	namedFrom     = 200000 // user_name is needed from here
)

func transferEndpoints() []v3Endpoint {
	const at = "/v3/fund-app/mch-transfer/transfer-bills"
	return []v3Endpoint{
		{http.MethodPost, at, (*Platform).createTransfer},
		{http.MethodGet, at + "/out-bill-no/{out_bill_no}", (*Platform).queryTransfer},
		{http.MethodGet, at + "/transfer-bill-no/{transfer_bill_no}", (*Platform).queryTransfer},
		{http.MethodPost, at + "/out-bill-no/{out_bill_no}/cancel", (*Platform).cancelTransfer},
	}
}

func transferFields() []field {
	return []field{
		{name: "appid", label: "商户AppID", required: true, min: 1, max: 32},
		{name: "out_bill_no", label: "商户单号", required: true, min: 1, max: 32},
		{name: "transfer_scene_id", label: "转账场景ID", required: true, min: 1, max: 36},
		{name: "openid", label: "收款用户OpenID", required: true, min: 1, max: 64},
		{name: "user_name", label: "收款用户姓名", max: 1024},
		{name: "transfer_amount", label: "转账金额", shape: shapeInt, required: true, min: transferLeast},
		{name: "transfer_remark", label: "转账备注", required: true, min: 1, max: 32},
		{name: "notify_url", label: "通知地址", max: 256},
		{name: "user_recv_perception", label: "用户收款感知", max: 64},
		{name: "user_recv_style", label: "用户收款样式", shape: shapeObject, fields: []field{
			{name: "type", label: "样式", enum: []string{"CONFIRM_PAGE", "RED_PACKET"}},
		}},
		{name: "transfer_scene_report_infos", label: "转账场景报备信息", shape: shapeObjects, required: true, fields: []field{
			{name: "info_type", label: "信息类型", required: true, min: 1, max: 15},
			{name: "info_content", label: "信息内容", required: true, min: 1, max: 32},
		}},
	}
}

// transferAnswer is a transfer as all calls and the notification show it; each leaves out what it does not have.
type transferAnswer struct {
	MchID          string `json:"mch_id,omitempty"`
	OutBillNo      string `json:"out_bill_no"`
	TransferBillNo string `json:"transfer_bill_no"`
	AppID          string `json:"appid,omitempty"`
	State          string `json:"state"`
	Amount         int64  `json:"transfer_amount,omitempty"`
	Remark         string `json:"transfer_remark,omitempty"`
	FailReason     string `json:"fail_reason,omitempty"`
	OpenID         string `json:"openid,omitempty"`
	CreateTime     string `json:"create_time,omitempty"`
	UpdateTime     string `json:"update_time,omitempty"`
	PackageInfo    string `json:"package_info,omitempty"`
}

func (p *Platform) createTransfer(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, transferFields())
	if refused != nil {
		return nil, refused
	}
	var r struct {
		AppID     string `json:"appid"`
		OutBillNo string `json:"out_bill_no"`
		OpenID    string `json:"openid"`
		UserName  string `json:"user_name"`
		Amount    int64  `json:"transfer_amount"`
		Remark    string `json:"transfer_remark"`
		NotifyURL string `json:"notify_url"`
	}
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	_, owner := p.crowd.owner(r.OpenID)
	switch {
	case strings.Trim(r.OutBillNo, alnum) != "":
		return nil, paramError(internalParamInvalid, "商户单号只能由数字、大小写字母组成", detailOf("/out_bill_no", "bad characters"))
	case !in.merchant.boundTo(r.AppID):
		return nil, appIDMchIDNotMatch()
	case owner != r.AppID:
		return nil, paramError(internalParamInvalid, "appid和openid不匹配", detailOf("/openid", "not of the app"))
	case r.Amount >= namedFrom && r.UserName == "":
		return nil, paramError(internalParamInvalid, "转账金额大于等于2000元时，收款用户姓名必填", detailOf("/user_name", "missing"))
	}
	if r.NotifyURL != "" {
		refused = checkNotifyURL(r.NotifyURL)
	}
	if refused == nil && r.UserName != "" {
		_, refused = p.unsealed(in, "/user_name", r.UserName)
	}
	if refused != nil {
		return nil, refused
	}
	delete(object, "user_name") // encrypted, so other each time
	t, refused := p.transfers.place(Transfer{MchID: in.merchant.ID, AppID: r.AppID, OpenID: r.OpenID, OutBillNo: r.OutBillNo,
		Amount: r.Amount, Remark: r.Remark, notifyURL: r.NotifyURL, parameters: string(encode(object))})
	if refused != nil {
		return nil, refused
	}
	if t.fresh {
		p.notifier.transferred(t)
	}
	out := transferAnswer{OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, State: t.State, FailReason: t.FailReason, CreateTime: stamp(t.Created)}
	if t.State == TransferWaits {
		out.PackageInfo = t.PackageInfo
	}
	return out, nil
}

func (p *Platform) queryTransfer(in *v3Call) (any, error) {
	t, found := p.transfers.find(func(t *Transfer) bool {
		return t.MchID == in.merchant.ID && (t.OutBillNo == in.path["out_bill_no"] || t.TransferBillNo == in.path["transfer_bill_no"])
	})
	if !found {
		return nil, noTransfer()
	}
	out := transferNotice(t)
	out.AppID, out.Remark = t.AppID, t.Remark
	return out, nil
}

func (p *Platform) cancelTransfer(in *v3Call) (any, error) {
	t, refused := p.transfers.cancel(in.merchant.ID, in.path["out_bill_no"])
	if refused != nil {
		return nil, refused
	}
	if t.fresh {
		p.notifier.transferred(t)
	}
	return transferAnswer{OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, State: t.State, UpdateTime: stamp(t.Updated)}, nil
}

func transferNotice(t Transfer) transferAnswer {
	return transferAnswer{MchID: t.MchID, OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, State: t.State, Amount: t.Amount,
		FailReason: t.FailReason, OpenID: t.OpenID, CreateTime: stamp(t.Created), UpdateTime: stamp(t.Updated)}
}

func noTransfer() *Refusal {
	return &Refusal{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "记录不存在", Internal: internalOrderNotExist}
}

// transferred announces a transfer's end when it is due, unless it ends otherwise: then it is queued anew.
func (n *notifier) transferred(asked Transfer) {
	d := &delivery{kind: "mch_payment", event: "MCHTRANSFER.BILL.FINISHED", summary: "商家转账单据终态通知", url: asked.notifyURL, to: n.p.world.merchant(asked.MchID), appID: asked.AppID}
	if d.url == "" || d.to.APIv3Key == "" {
		return
	}
	d.ready = func() bool {
		t, found := n.p.transfers.find(func(t *Transfer) bool { return t.TransferBillNo == asked.TransferBillNo })
		d.content = func(fault string) any {
			if fault == faultWrongAmount {
				t.Amount++
			}
			return transferNotice(t)
		}
		return found && t.ended() && t.due.Equal(asked.due)
	}
	n.announceAt(d, asked.due)
}

func (p *Platform) controlConfirmTransfer(w http.ResponseWriter, r *http.Request) {
	var in struct {
		PackageInfo string `json:"package_info"`
		User        string `json:"user"`
		Fail        bool   `json:"fail"`
	}
	if read(w, r, &in) {
		done(w, p.ConfirmTransfer(in.PackageInfo, in.User, in.Fail))
	}
}
