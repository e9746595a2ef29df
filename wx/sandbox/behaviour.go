package sandbox

import (
	"net/http"
	"time"
)

// Behaviour holds the answers on which the sources disagree or are silent. DIVERGENCES.md names the source of
// each default. A client should survive every plausible setting.
type Behaviour struct {
	PaidReentry    Refusal // prepay with the number of a paid order
	ChangedReentry Refusal // prepay with a known number and other parameters, or with a poisoned number
	ClosedReentry  Refusal // prepay with the number of a closed order
	ExpiredReentry Refusal // prepay with the number of an order past its time_expire
	ClosePaid      Refusal // close of a paid order
	CloseOtherSubs Refusal // close of a combined order that lists other sub orders than it has

	SameSubAppID   *Refusal // sub_appid equal to sp_appid; nil: accepted
	WrongAppKind   *Refusal // JSAPI with a mobile app's id, app payments with another's; nil: accepted
	LoopbackClient *Refusal // an H5 payer_client_ip of this machine; nil: accepted

	// AppPartnerID is what partnerid of a service provider's app payment must be: sp_mchid, sub_mchid or either.
	AppPartnerID string

	// CloseUnknown, when set, refuses to close a number that was never created. Nil: 204, and the number is
	// poisoned for later prepays, as observed.
	CloseUnknown *Refusal

	ExpiredCode     int  // errcode of a login or OAuth code that is too old
	UsedPhoneCode   int  // errcode of a phone code that was used before
	LoginsPerMinute int  // jscode2session calls per user and minute before 45011; 0: unlimited
	SignErrors      bool // whether 4xx and 5xx answers of APIv3 are signed

	RefundTakes          time.Duration // how long a refund is PROCESSING, on the platform's clock
	RefundGap            time.Duration // between two refunds of one order, on the platform's clock; 0: none
	RefundStateOnSuccess bool          // trade_state becomes REFUND when a refund succeeds, not when it is accepted

	SharingTakes    time.Duration // how long a profit sharing is PROCESSING, on the platform's clock
	ReturnTakes     time.Duration // how long a return is; 0: its result is in the answer
	SharingAfter    time.Duration // after the payment, on the platform's clock; 0: at once
	SharingTooEarly Refusal       // before SharingAfter
	ChangedSharing  Refusal       // a known out_order_no or out_return_no with other parameters
	UnknownReceiver *Refusal      // a receiver that was not added; nil: accepted, and its part is closed with NO_RELATION
	MaxSharingRatio int64         // of a payment, in hundredths of a percent
	SharingNetOfFee bool          // whether the fee can be shared too: then false

	UserPaying        *Refusal      // a charge that waits for the password; nil: 200 with trade_state USERPAYING
	PasswordAbove     int64         // fen; more than this needs the password
	PasswordTime      time.Duration // to enter it, on the platform's clock; then PAYERROR
	PasswordCancelled string        // trade_state once the payer cancels: PAYERROR or NOTPAY
	ReversedReentry   Refusal       // charge with the number of a reversed order
	FailedReentry     Refusal       // charge with the number of a PAYERROR order
	CloseCodePay      Refusal       // close of an order that a payment code made
	ReverseAfter      time.Duration // after the order was placed, on the platform's clock; 0: at once
	ReverseTooSoon    Refusal       // reverse before ReverseAfter
	ReverseTooLate    Refusal       // reverse after seven days
	FeeRate           int64         // what the platform keeps of a payment, in hundredths of a percent
	BillTokenLife     time.Duration // of a bill's download_url, on the platform's clock
	BillClosedRefunds bool          // whether bills list refunds that came back to the merchant

	UnknownApplyment Refusal // query of an application that there is not

	FollowersPage int           // openids in an answer of user/get; 0: 10000
	PushRetryGap  time.Duration // between the attempts of a pushed message, on the platform's clock; 0: at once
}

// DefaultBehaviour is the most likely reading of the sources.
func DefaultBehaviour() Behaviour {
	return Behaviour{
		PaidReentry:    Refusal{Status: http.StatusForbidden, Code: "OUT_TRADE_NO_USED", Message: "该订单已支付", Internal: 268498689},
		ChangedReentry: Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "请求重入时，参数与首次请求时不一致", Internal: 268498688},
		ClosedReentry:  Refusal{Status: http.StatusBadRequest, Code: "ORDER_CLOSED", Message: "该订单已关闭，请重新下单", Internal: 268447914},
		ExpiredReentry: Refusal{Status: http.StatusBadRequest, Code: "ORDER_CLOSED", Message: "该订单已失效", Internal: 268447914},
		ClosePaid:      Refusal{Status: http.StatusBadRequest, Code: "ORDERPAID", Message: "订单已支付", Internal: 268449538},
		CloseOtherSubs: Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "关单子单信息与下单时不一致", Internal: internalParamInvalid},

		SameSubAppID:   &Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "sub_appid不能与sp_appid相同", Internal: internalParamInvalid},
		WrongAppKind:   &Refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: "appid类型与支付方式不匹配", Internal: internalParamInvalid},
		LoopbackClient: &Refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: "用户终端IP不合法", Internal: internalParamInvalid, Detail: detailOf("/scene_info/payer_client_ip", "loopback")},

		AppPartnerID: PartnerIDEither,

		RefundTakes: 5 * time.Second,
		RefundGap:   time.Minute,

		SharingTakes:    5 * time.Second,
		SharingAfter:    time.Minute,
		SharingTooEarly: Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "订单处理中，暂时无法分账，请稍后再试", Internal: internalParamInvalid},
		ChangedSharing:  Refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: "分账接收方与原请求不一致", Internal: internalParamInvalid},
		UnknownReceiver: &Refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: "分账接收方关系不存在，请检查参数中每个接收方的关系。", Internal: internalParamInvalid},
		MaxSharingRatio: 3000,
		SharingNetOfFee: true,

		UserPaying:        &Refusal{Status: http.StatusAccepted, Code: "USERPAYING", Message: "需要用户输入支付密码", Internal: internalParamInvalid},
		PasswordAbove:     100000,
		PasswordTime:      time.Minute,
		PasswordCancelled: StatePayError,
		ReversedReentry:   Refusal{Status: http.StatusBadRequest, Code: "ORDER_REVERSED", Message: "订单已撤销", Internal: internalParamInvalid},
		FailedReentry:     Refusal{Status: http.StatusForbidden, Code: "TRADE_ERROR", Message: "交易失败，请换单号重新支付", Internal: internalParamInvalid},
		CloseCodePay:      Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "付款码支付的订单不能关闭，请调用撤销接口", Internal: 268449641},
		ReverseAfter:      15 * time.Second,
		ReverseTooSoon:    Refusal{Status: http.StatusTooManyRequests, Code: "FREQUENCY_LIMITED", Message: "请在支付15秒后再撤销", Internal: internalTooFrequent},
		ReverseTooLate:    Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "订单已超过可撤销期限", Internal: internalParamInvalid},
		FeeRate:           60,
		BillTokenLife:     30 * time.Second,

		ExpiredCode:     codeInvalidCode,
		UsedPhoneCode:   codeInvalidCode,
		LoginsPerMinute: 100,
		SignErrors:      true,

		UnknownApplyment: Refusal{Status: http.StatusBadRequest, Code: "APPLYMENT_NOTEXIST", Message: "申请单不存在", Internal: internalParamInvalid},

		FollowersPage: 10000,
		PushRetryGap:  5 * time.Second,
	}
}
