package sandbox

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// States of an application; one spelling is the platform's own.
const (
	ApplymentEditing       = "APPLYMENT_STATE_EDITTING"
	ApplymentAuditing      = "APPLYMENT_STATE_AUDITING"
	ApplymentRejected      = "APPLYMENT_STATE_REJECTED"
	ApplymentToBeConfirmed = "APPLYMENT_STATE_TO_BE_CONFIRMED"
	ApplymentToBeSigned    = "APPLYMENT_STATE_TO_BE_SIGNED"
	ApplymentSigning       = "APPLYMENT_STATE_SIGNING"
	ApplymentFinished      = "APPLYMENT_STATE_FINISHED"
	ApplymentCanceled      = "APPLYMENT_STATE_CANCELED"
)

// What can be done to an application: see DecideApplyment.
const (
	ApplymentAudit   = "audit"   // WeChat Pay's people find it right
	ApplymentReject  = "reject"  // or not
	ApplymentConfirm = "confirm" // the super administrator shows that the account is theirs
	ApplymentSign    = "sign"    // and signs
	ApplymentCancel  = "cancel"  // somebody takes it back in the console
	ApplymentFail    = "fail"    // something went wrong as it was submitted: EDITTING
)

// Errors of DecideApplyment.
var (
	ErrNoApplyment     = errors.New("no application has this business_code; it comes from POST /v3/applyment4sub/applyment/")
	ErrApplymentAction = errors.New("action is audit, reject, confirm, sign, cancel or fail")
	ErrApplymentState  = errors.New("an application in this state cannot take this step")
)

// How long a state lasts by itself, on the platform's clock, and what comes then.
var applymentNext = map[string]struct {
	after time.Duration
	state string
}{
	ApplymentAuditing:      {48 * time.Hour, ""}, // audited: the kind of the account says what comes
	ApplymentToBeConfirmed: {10 * 24 * time.Hour, ApplymentCanceled},
	ApplymentToBeSigned:    {30 * 24 * time.Hour, ApplymentCanceled},
	ApplymentSigning:       {time.Minute, ApplymentFinished},
}

// applymentSteps says which states a step leaves, and where it leads; "" is what an audit leads to.
var applymentSteps = map[string]struct {
	from []string
	to   string
}{
	ApplymentAudit:   {[]string{ApplymentAuditing}, ""},
	ApplymentReject:  {[]string{ApplymentAuditing, ApplymentToBeConfirmed}, ApplymentRejected},
	ApplymentConfirm: {[]string{ApplymentToBeConfirmed}, ApplymentToBeSigned},
	ApplymentSign:    {[]string{ApplymentToBeSigned}, ApplymentSigning},
	ApplymentCancel:  {[]string{ApplymentEditing, ApplymentAuditing, ApplymentRejected, ApplymentToBeConfirmed, ApplymentToBeSigned}, ApplymentCanceled},
	ApplymentFail:    {[]string{ApplymentAuditing}, ApplymentEditing},
}

// AuditDetail is one thing that is wrong with an application.
type AuditDetail struct {
	Field        string `json:"field"`
	FieldName    string `json:"field_name"`
	RejectReason string `json:"reject_reason"`
}

// Applyment is an application as the platform keeps it. What was encrypted is not kept, but for the account.
type Applyment struct {
	MchID        string        `json:"mchid"`
	BusinessCode string        `json:"business_code"`
	ApplymentID  int64         `json:"applyment_id"`
	ShortName    string        `json:"merchant_shortname"`
	State        string        `json:"applyment_state"`
	SubMchID     string        `json:"sub_mchid,omitempty"` // known once it is to be signed
	SignURL      string        `json:"sign_url,omitempty"`
	AuditDetail  []AuditDetail `json:"audit_detail,omitempty"`
	Submissions  int           `json:"submissions"`
	Updated      time.Time     `json:"updated"`

	appIDs  []string // that its sales name as the merchant's own
	account bankAccount
	joined  bool // its sub merchant exists
}

// showsSub tells whether answers have sub_mchid.
func (a *Applyment) showsSub() bool {
	return a.State == ApplymentToBeSigned || a.State == ApplymentSigning || a.State == ApplymentFinished
}

func (a *Applyment) enter(state string, at time.Time) {
	if state == "" {
		state = ApplymentToBeSigned
		if a.account.corporate() {
			state = ApplymentToBeConfirmed
		}
	}
	a.State, a.Updated = state, at
}

// settle carries out what is due, one state after the other.
func (a *Applyment) settle(now time.Time) {
	for {
		next, moves := applymentNext[a.State]
		due := a.Updated.Add(next.after)
		if !moves || now.Before(due) {
			return
		}
		a.enter(next.state, due)
	}
}

// applyments are all of them, in the order of their first submission.
type applyments struct {
	clock *clock
	ids   *idMaker
	mu    sync.Mutex
	all   []*Applyment
}

func (s *applyments) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = nil
}

// place takes an application in, or another version of one that may be submitted again.
func (s *applyments) place(wanted Applyment) (Applyment, *Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.lookup(func(a *Applyment) bool { return a.MchID == wanted.MchID && a.BusinessCode == wanted.BusinessCode })
	switch {
	case known == nil:
		known = &Applyment{}
		s.all = append(s.all, known)
	case known.State == ApplymentEditing || known.State == ApplymentRejected:
		wanted.ApplymentID, wanted.SubMchID, wanted.Submissions = known.ApplymentID, known.SubMchID, known.Submissions
	case known.State == ApplymentCanceled: // a new one under the old number
		wanted.Submissions = known.Submissions
	default:
		return Applyment{}, &Refusal{Status: 400, Code: "PROCESSING", Message: "存在流程进行中的申请单，请检查是否重入", Internal: internalParamInvalid}
	}
	if wanted.ApplymentID == 0 {
		wanted.ApplymentID = 2000000000000000 + int64(len(s.all))<<20 + int64(s.ids.percent())
		wanted.SubMchID = "19" + s.ids.text(digits, 8)
	}
	wanted.Submissions++
	wanted.SignURL = "https://pay.weixin.qq.com/public/apply4ec_sign/s?applymentId=" + s.ids.text(digits, 16) + "&sign=" + s.ids.text(hexLower, 32)
	wanted.enter(ApplymentAuditing, s.clock.now())
	*known = wanted
	return wanted, nil
}

// lookup settles all and returns the last that fits.
func (s *applyments) lookup(fits func(*Applyment) bool) (found *Applyment) {
	now := s.clock.now()
	for _, a := range s.all {
		if a.settle(now); fits(a) {
			found = a
		}
	}
	return found
}

func (s *applyments) find(fits func(*Applyment) bool) (Applyment, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.lookup(fits); a != nil {
		return *a, true
	}
	return Applyment{}, false
}

func (s *applyments) list() []Applyment {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookup(func(*Applyment) bool { return false })
	out := make([]Applyment, 0, len(s.all))
	for _, a := range s.all {
		out = append(out, *a)
	}
	return out
}

// finished returns those that have come to their end since it was last called.
func (s *applyments) finished() (out []Applyment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookup(func(a *Applyment) bool {
		if a.State == ApplymentFinished && !a.joined {
			a.joined = true
			out = append(out, *a)
		}
		return false
	})
	return out
}

// Applyments returns copies of all, in the order of their first submission.
func (p *Platform) Applyments() []Applyment { return p.applyments.list() }

// DecideApplyment does a step of an application: what WeChat Pay's people, the super administrator or the console do.
// mchID may be empty when the business_code says enough. A signed one is finished a minute later, and has a sub
// merchant then. It returns ErrNoApplyment, ErrApplymentAction or ErrApplymentState.
func (p *Platform) DecideApplyment(mchID, code, action string, why ...AuditDetail) (Applyment, error) {
	a, err := p.applyments.decide(mchID, code, action, why)
	p.settleApplyments()
	return a, err
}

func (s *applyments) decide(mchID, code, action string, why []AuditDetail) (Applyment, error) {
	step, known := applymentSteps[action]
	if !known {
		return Applyment{}, ErrApplymentAction
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.lookup(func(a *Applyment) bool { return a.BusinessCode == code && (mchID == "" || a.MchID == mchID) })
	switch {
	case a == nil:
		return Applyment{}, ErrNoApplyment
	case !slices.Contains(step.from, a.State):
		return *a, ErrApplymentState
	}
	a.enter(step.to, s.clock.now())
	if a.AuditDetail = nil; action == ApplymentReject {
		a.AuditDetail = slices.Clone(why)
		if len(why) == 0 {
			a.AuditDetail = []AuditDetail{{"id_card_copy", "身份证人像面照片", "照片不清晰，请重新上传"}}
		}
	}
	return *a, nil
}

// settleApplyments lets those that are finished take payments.
func (p *Platform) settleApplyments() {
	for _, a := range p.applyments.finished() {
		var apps []string
		for _, id := range a.appIDs {
			if p.world.app(id) != nil && !slices.Contains(apps, id) {
				apps = append(apps, id)
			}
		}
		if m := p.world.merchant(a.MchID); m != nil {
			m.join(SubMerchant{ID: a.SubMchID, AppIDs: apps})
			p.settlements.open(a.SubMchID, a.account)
		}
	}
}

// stateMessage words a state as the documentation does.
func (a *Applyment) stateMessage() string {
	switch a.State {
	case ApplymentEditing:
		return "提交申请发生错误导致，请尝试重新提交"
	case ApplymentAuditing:
		return "申请单正在审核中，请耐心等待"
	case ApplymentRejected:
		var why []string
		for _, d := range a.AuditDetail {
			why = append(why, d.RejectReason)
		}
		return "请按照驳回原因修改申请资料：" + strings.Join(why, "；")
	case ApplymentToBeConfirmed:
		return "请超级管理员打开签约链接，完成账户验证"
	case ApplymentToBeSigned:
		return "请超级管理员打开签约链接，完成签约"
	case ApplymentSigning:
		return "系统开通相关权限中，请耐心等待"
	case ApplymentFinished:
		return "商户入驻申请已完成"
	}
	return "申请单已被撤销"
}
