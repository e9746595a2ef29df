package h5

import "testing"

func TestSceneOfUserAgent(t *testing.T) {
	const android = "Mozilla/5.0 (Linux; Android 13; M2012K11AC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0.5304.141 Mobile Safari/537.36 "
	const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
	const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0.0.0 Safari/537.36 "
	for name, c := range map[string]struct {
		userAgent string
		want      Scene
	}{
		"WeChat on Android":           {android + "XWEB/5075 MMWEBSDK/20230202 MicroMessenger/8.0.42.2460(0x28002A58) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64", SceneWeChat},
		"WeChat on iOS":               {iphone + "MicroMessenger/8.0.31(0x18001f2f) NetType/WIFI Language/zh_CN", SceneWeChat},
		"WeChat on a desktop":         {windows + "NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090016)", SceneWeChat},
		"WeChat on HarmonyOS":         {"Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114 Safari/537.36 ArkWeb/4.1.6.1 Mobile MicroMessenger/8.0.1", SceneWeChat},
		"WeCom":                       {iphone + "wxwork/4.1.0 MicroMessenger/7.0.1 Language/zh", SceneWeCom},
		"a mini-program on Android":   {android + "MicroMessenger/8.0.42.2460(0x28002A58) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64 miniProgram/wx14211cb2fd9f805123", SceneMiniProgram},
		"a mini-program of 2018":      {iphone + "MicroMessenger/7.0.0(0x17000024) NetType/WIFI Language/zh_CN miniProgram", SceneMiniProgram},
		"a mini-program on a desktop": {windows + "MicroMessenger/7.0.20.1781(0x6700143B) NetType/WIFI MiniProgramEnv/Windows WindowsWechat/WMPF WindowsWechat(0x63090016)", SceneMiniProgram},
		"Alipay":                      {android + "AliApp(AP/10.7.86.8000) AlipayClient/10.7.86.8000 Language/zh-Hans", SceneAlipay},
		"a mini-program of Alipay":    {android + "AliApp(AP/10.7.86.8000) AlipayClient/10.7.86.8000 Language/zh-Hans MiniProgram", SceneAlipay},
		"Cloud QuickPass":             {iphone + "(com.unionpay.chsp) (cordova 4.5.4) (updebug 0) (version 1000) (UnionPay/1.0 CloudPay) (clientVersion 300)", SceneUnionPay},
		"a bank":                      {android + "CloudMercWebView/UnionPay/1.0 CCBLoongPay", SceneUnionPay},
		"Safari on a phone":           {iphone + "Version/17.0 Safari/604.1", ScenePhone},
		"Chrome on a phone":           {android, ScenePhone},
		"a tablet":                    {"Mozilla/5.0 (iPad; CPU OS 15_0 like Mac OS X) AppleWebKit/605.1.15", ScenePhone},
		"Chrome on a desktop":         {windows, SceneDesktop},
		"nothing":                     {"", SceneDesktop},
		"another case":                {"micromessenger alipayclient", SceneDesktop},
		// The order counts where one app quotes the other.
		"WeChat before Alipay":   {android + "MicroMessenger/8.0 AlipayClient/10", SceneWeChat},
		"Alipay before UnionPay": {android + "AlipayClient/10 (UnionPay/1.0 CloudPay)", SceneAlipay},
	} {
		if got := SceneOf(c.userAgent); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
