package identity

import (
	"time"

	"wxhub/model"
)

// UserView is a user as the API and the events show it (CONTRACT §3).
type UserView struct {
	ID         string         `json:"id"`
	UnionID    string         `json:"union_id,omitempty"`
	Phone      string         `json:"phone,omitempty" doc:"as WeChat gives it: bare in mainland China, with the country's code elsewhere"`
	Identities []IdentityView `json:"identities" nullable:"false"`
	CreatedAt  time.Time      `json:"created_at"`
	ErasedAt   *time.Time     `json:"erased_at,omitempty" doc:"when personal data were erased; the id stays for the orders"`
}

// IdentityView is the user in one app.
type IdentityView struct {
	AppID  string `json:"app_id"`
	Kind   string `json:"kind" enum:"mini_program,official_account,website,mobile_app"`
	OpenID string `json:"open_id"`
}

// MergedView is what user.merged tells: the survivor, and whose id answers with it from now on.
type MergedView struct {
	UserView
	MergedUserID string `json:"merged_user_id"`
}

// View shows a person to the outside. union_id is that of the oldest identity that has
// one. An openid that an account migration replaced is not shown.
func View(p Person) UserView {
	v := UserView{ID: p.User.ID, Phone: p.User.Phone, Identities: []IdentityView{}, CreatedAt: p.User.CreatedAt}
	if !p.User.ErasedAt.IsZero() {
		v.ErasedAt = &p.User.ErasedAt
	}
	for _, i := range p.Identities {
		if v.UnionID == "" {
			v.UnionID = i.UnionID
		}
		if i.MovedTo == (model.IdentityKey{}) {
			v.Identities = append(v.Identities, IdentityView{AppID: i.AppID, Kind: string(i.Kind), OpenID: i.OpenID})
		}
	}
	return v
}
