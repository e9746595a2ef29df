package sandbox

import "encoding/json"

// echoRequest is the body of the self-test: the platform gives back what it was sent.
type echoRequest struct {
	NotifyURL   string `json:"notify_url"`
	EchoMessage string `json:"echo_message"`
}

// echoAnswer carries the message back.
type echoAnswer struct {
	EchoMessage string `json:"echo_message"`
}

// echo is the official self-test of signing, without its encrypted half.
func (p *Platform) echo(in *v3Call) (any, error) {
	_, refused := parseObject(in.body, []field{
		{name: "notify_url", label: "回调地址", max: 255},
		{name: "echo_message", label: "回显信息", required: true, max: 1024},
	})
	if refused != nil {
		return nil, refused
	}
	var request echoRequest
	if json.Unmarshal(in.body, &request) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	if request.NotifyURL == "" {
		return echoAnswer{request.EchoMessage}, nil
	}
	if refused := checkNotifyURL(request.NotifyURL); refused != nil {
		return nil, refused
	}
	p.notifier.announce(&delivery{
		event: "SECURITY_ECHO.SUCCESS", summary: "回显成功", kind: "security", url: request.NotifyURL, to: in.merchant,
		content: func(string) any { return echoAnswer{request.EchoMessage} },
	})
	return echoAnswer{request.EchoMessage}, nil
}
