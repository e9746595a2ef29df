package sandbox

import (
	"errors"
	"regexp"
)

// ErrPhone: not a number that the platform would write.
var ErrPhone = errors.New("a phone is 11 digits of mainland China, or + and country code, a space or hyphen, and 4 to 14 digits, as +852 61234567")

var (
	chinesePhone = regexp.MustCompile(`^(?:\+86[ -]?)?(1[3-9]\d{9})$`)
	foreignPhone = regexp.MustCompile(`^\+([1-9]\d{0,3})[ -](\d{4,14})$`)
)

// phoneParts takes a number apart.
func phoneParts(phone string) (country, pure string, valid bool) {
	if m := chinesePhone.FindStringSubmatch(phone); m != nil {
		return "86", m[1], true
	}
	if m := foreignPhone.FindStringSubmatch(phone); m != nil && m[1] != "86" {
		return m[1], m[2], true
	}
	return "", "", false
}

// phoneInfo is how WeChat gives a number to a mini-program.
type phoneInfo struct {
	PhoneNumber     string    `json:"phoneNumber"` // of a foreign number with the country code
	PurePhoneNumber string    `json:"purePhoneNumber"`
	CountryCode     string    `json:"countryCode"`
	Watermark       watermark `json:"watermark"`
}

// watermark says for which app data was made, and when by the wall clock: clients refuse what looks old.
type watermark struct {
	Timestamp int64  `json:"timestamp"`
	AppID     string `json:"appid"`
}

// phoneOf is what the app may know of the user's number.
func (p *Platform) phoneOf(u User, appID string) phoneInfo {
	country, pure, _ := phoneParts(u.Phone) // checked when the user was made
	whole := pure
	if country != "86" {
		whole = country + pure
	}
	return phoneInfo{whole, pure, country, watermark{p.clock.wall().Unix(), appID}}
}
