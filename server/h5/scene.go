package h5

import (
	"regexp"
	"strings"

	"wxhub/model"
)

// Scene is where a page is shown: it decides how its reader can pay.
type Scene string

// The scenes.
const (
	SceneWeChat      Scene = "wechat"       // WeChat's own browser, on a phone or a desktop
	SceneMiniProgram Scene = "mini_program" // a web-view inside a mini-program, where pages cannot pay
	SceneWeCom       Scene = "wecom"        // WeChat Work
	SceneAlipay      Scene = "alipay"
	SceneUnionPay    Scene = "unionpay" // Cloud QuickPass and the banks' apps
	ScenePhone       Scene = "phone"    // any other browser of a phone
	SceneDesktop     Scene = "desktop"
)

// unionPay is how the apps of UnionPay and of the banks say what they are.
var unionPay = regexp.MustCompile(`UnionPay/\S+\s+[A-Za-z0-9]`)

// phone is what a browser calls itself on something that can open WeChat.
var phone = regexp.MustCompile(`Mobile|Android|iPhone|iPad|iPod|HarmonyOS|OpenHarmony`)

// SceneOf reads a User-Agent: WeChat first, then Alipay, then UnionPay (PROTOCOL §9.1).
// Case matters: miniProgram is WeChat's, MiniProgram Alipay's.
func SceneOf(userAgent string) Scene {
	has := func(mark string) bool { return strings.Contains(userAgent, mark) }
	switch {
	case has("MicroMessenger") && has("wxwork/"):
		return SceneWeCom
	case has("MicroMessenger") && (has("miniProgram") || has("MiniProgramEnv/")):
		return SceneMiniProgram
	case has("MicroMessenger"):
		return SceneWeChat
	case has("AlipayClient"), has("AliApp(AP/"):
		return SceneAlipay
	case unionPay.MatchString(userAgent):
		return SceneUnionPay
	case phone.MatchString(userAgent):
		return ScenePhone
	}
	return SceneDesktop
}

// methods are the scenes in which a page can be paid, and how. The others get a page that
// says what to do instead; a channel for one of them begins with a line here.
var methods = map[Scene]model.Method{
	SceneWeChat:  model.MethodOfficialAccount,
	ScenePhone:   model.MethodH5,
	SceneDesktop: model.MethodNative,
}
