// Package mp asks an official account about its people: who follows it, what their union
// ids are, and which openids they got when the account was migrated; and it signs what a
// page needs for WeChat's JS-SDK.
//
// All calls go over wx/api: the SDK's user package knows no context and nothing of a
// token that went bad. What WeChat answers is believed only as far as it was asked: an
// openid that nobody asked for is a fault of WeChat's, not a person.
package mp
