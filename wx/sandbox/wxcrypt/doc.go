// Package wxcrypt is the sandbox's own reading of the signatures and ciphers of api.weixin.qq.com: the pushed messages
// (WXBizMsgCrypt), the sensitive data of a mini-program (WXBizDataCrypt) and the signature of a page (JS-SDK).
package wxcrypt
